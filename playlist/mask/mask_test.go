package mask

import (
	"strings"
	"testing"
)

func TestText_HidesWhatMayBeASecret(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		"a/seg7.ts":                            "a/seg7.ts",
		"a@b/seg7.ts":                          "a@b/seg7.ts",
		"https://cdn.test/a@b.ts":              "https://cdn.test/a@b.ts",
		"https://user:hunter2@cdn.test/vod":    "https://***@cdn.test/vod",
		"https://hunter2@cdn.test:8443/a%2Fb/": "https://***@cdn.test:8443/a%2Fb/",
		"//user:hunter2@cdn.test/a.ts":         "//***@cdn.test/a.ts",
		"https://u:hunt@er2@cdn.test/":         "https://***@cdn.test/",
		"https://user:hunter2@[bad/vod":        "https://***@[bad/vod",
		"user:hunter2@cdn.test/vod":            "***@cdn.test/vod",
		"https://cdn.test/vod?sig=hunter2#f":   "https://cdn.test/vod?***",
		"seg7.ts#hunter2":                      "seg7.ts#***",
		"seg7.ts?a=b?hunter2@c":                "seg7.ts?***",
		"data:text/plain;base64,aHVudGVyMg==":  "data:***",
		"DATA:,hunter2":                        "DATA:***",
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k?t=hunter2\",IV=0x1":                            "#EXT-X-KEY:METHOD=AES-128,URI=\"k?***\",IV=0x1",
		"#EXT-X-KEY:URI=\"data:;base64,hunter2\",IV=0x1":                                  "#EXT-X-KEY:URI=\"data:***\",IV=0x1",
		"#EXT-X-KEY:URI=\"//u:hunter2@h/k\",URI=\"k?hunter2":                              "#EXT-X-KEY:URI=\"//***@h/k\",URI=\"k?***",
		"#EXT-X-KEY:METHOD=AES-128,URI=https://u:hunter2@h/k,IV=0x1":                      "#EXT-X-KEY:METHOD=AES-128,URI=https://***@h/k,IV=0x1",
		"#EXT-X-KEY:URI=//u:hunt/er2,hunter2@h/k,KEYFORMAT=\"x\"":                         "#EXT-X-KEY:URI=//***@h/k,KEYFORMAT=\"x\"",
		"#EXT-X-KEY:NAME=İİİ,URI=DATA:;base64,hunter2,IV=0x1":                             "#EXT-X-KEY:NAME=İİİ,URI=DATA:***",
		"#EXT-X-KEY:URI=//u:hunter2@h/k?hunter2":                                          "#EXT-X-KEY:URI=//***@h/k?***",
		"#EXTINF:4.000,a@b, c//d":                                                         "#EXTINF:4.000,a@b, c//d",
		"#EXT-X-MAP:URI=i.mp4?hunter2,BYTERANGE=\"5@0\"":                                  "#EXT-X-MAP:URI=i.mp4?***\"5@0\"",
		"#EXT-X-DEFINE:NAME=\"t\",VALUE=\"hunter2\"":                                      "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"***\"",
		"#EXT-X-DEFINE:VALUE=\"hunter2\",NAME=\"t\"":                                      "#EXT-X-DEFINE:VALUE=\"***\"",
		"#EXT-X-DEFINE:VALUE=hunter2":                                                     "#EXT-X-DEFINE:VALUE=***",
		"#EXTINF:4.000,Why? hunter2":                                                      "#EXTINF:4.000,Why?***",
		"#EXTINF:4.000,Part #5":                                                           "#EXTINF:4.000,Part #5",
		"#EXTM3U\n#EXTINF:4,\na.ts?hunter2\n\nhttps://u:hunter2@h/b.ts\n#EXT-X-ENDLIST\n": "#EXTM3U\n#EXTINF:4,\na.ts?***\n\nhttps://***@h/b.ts\n#EXT-X-ENDLIST\n",
	} {
		got := Text(text)
		if got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
		if strings.Contains(got, "hunter2") {
			t.Errorf("Text(%q) = %q shows the secret", text, got)
		}
	}
}

func TestText_MasksWhatIsMaskedNoFurther(t *testing.T) {
	for _, text := range []string{"https://u:p@h/a?b#c", "#EXT-X-KEY:URI=\"https://u:p@h/k?t\"", "data:,x", "u:p@h", "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\""} {
		if once := Text(text); Text(once) != once {
			t.Errorf("%q became %q, and then %q", text, once, Text(once))
		}
	}
}
