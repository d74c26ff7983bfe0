package config

import "testing"

// TestGuide_IsOffUnlessItIsGiven.
func TestGuide_IsOffUnlessItIsGiven(t *testing.T) {
	for text, want := range map[string]int{"": 0, "guide: false\n": 0, "guide:\n": 7, "guide: {}\n": 7, "guide: { days: 3 }\n": 3} {
		f, err := Parse("f", []byte("origins: { vod: { url: http://a.test/ }, guide2: { url: http://a.test/ } }\n"+text), nil, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		days := 0
		if f.Guide != nil {
			days = f.Guide.Days
		}
		if days != want {
			t.Errorf("%q: %d days, want %d", text, days, want)
		}
	}
}

// TestGuide_HasAChannelUnlessThatSaysFalse.
func TestGuide_HasAChannelUnlessThatSaysFalse(t *testing.T) {
	for text, want := range map[string]bool{"": false, ", guide: true": false, ", guide: false": true} {
		f, err := Parse("f", []byte("origins: { vod: { url: http://a.test/ } }\nchannels: { n: { loop: vod/a.m3u8"+text+" } }\n"), nil, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got := f.Channels[0].Unlisted; got != want {
			t.Errorf("%q: unlisted %t, want %t", text, got, want)
		}
	}
}
