package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// kind is a kind of VOD, by the way it is packaged. Each lasts loopLength.
type kind struct {
	name     string
	made     func() error              // makes the VOD in the kind's folder, at the first call
	recorded func() (recording, error) // watches its live stream for a while, at the first call

	entry   string          // the playlist that players are given, as a path within the VOD
	players []string        // those that play it in every run
	breaks  []time.Duration // where the VOD has discontinuities of its own
	cues    []cue           // that its subtitles show
	clear   *kind           // the same VOD without encryption, if it is encrypted

	never   []string             // players that can't play it, by its nature
	allowed map[string]allowance // for what players do to it that they may not do to others
}

// allowance is how long the playhead may stand, and how far it may leap, at worst.
type allowance struct {
	stand, leap time.Duration
}

// The VODs that most others are made from, in MPEG-TS and in fragmented MP4 with audio in a group of its own.
var (
	ts   = newKind("ts", muxed(), playedBy("hls", "shaka", "videojs"))
	fmp4 = newKind("fmp4", audioGroup, playedBy("hls", "shaka", "videojs"))
)

// kinds are all kinds of VOD that are played, watched and compared. A new one is a line here. Which players a kind
// is for in every run is a choice: all of them in all would take too long (see doc.go).
var kinds = []*kind{
	ts,
	fmp4,
	newKind("media-playlist", from(ts), entering("270p/index.m3u8"), playedBy("shaka")),
	newKind("byterange-ts", muxed("-hls_flags", singleFile), playedBy("hls", "videojs")),
	newKind("byterange-fmp4", muxed("-hls_flags", singleFile, "-hls_segment_type", "fmp4"), playedBy("hls", "shaka", "videojs")),

	newKind("aes-explicit-iv", encryptedByFFmpeg, encrypting(ts), playedBy("videojs")),
	newKind("aes-implicit-iv", encrypted(ts, key("a", 0)), encrypting(ts), playedBy("hls", "shaka")),
	newKind("aes-rotated", encrypted(ts, key("a", 0), key("b", 1), key("b", 2).withIV(ivA), key("a", 3).withIV(ivB)),
		encrypting(ts), playedBy("hls", "shaka")),
	newKind("aes-head", encrypted(ts, key("a", 0), noKey(2)), encrypting(ts), playedBy("hls", "videojs")),
	newKind("aes-tail", encrypted(ts, key("a", 2)), encrypting(ts), playedBy("hls", "shaka")),
	newKind("aes-fmp4", encrypted(fmp4, key("a", 0).withIV(ivA).coveringInit(), key("b", 2).withIV(ivB)),
		encrypting(fmp4), playedBy("hls", "shaka")),
	newKind("aes-fmp4-clear-init", encrypted(fmp4, key("a", 0), key("b", 3)), encrypting(fmp4), playedBy("hls")),
	// No tool here makes SAMPLE-AES: the segments are clear, and only the playlists are tested.
	newKind("sample-aes", from(ts, labelledSampleAES), neverBy(players...)),

	newKind("webvtt-segments", from(ts, subtitlesInSegments), showing(captions), playedBy("hls", "shaka")),
	newKind("webvtt-one-file", from(fmp4, subtitlesInOneFile), showing(captions), playedBy("hls", "videojs")),
	newKind("webvtt-long-files", from(ts, subtitlesInLongFiles), showing(captions), playedBy("hls", "shaka")),
	newKind("languages", from(fmp4, languages), playedBy("hls", "shaka", "videojs")),
	newKind("dates", from(ts, dated), playedBy("hls")),

	newKind("joined-ts", from(ts, joinedTS), breaking(6*time.Second), playedBy("hls", "shaka", "videojs")),
	newKind("joined-fmp4", from(fmp4, joinedFMP4), breaking(6*time.Second), playedBy("hls", "shaka")),
	// Of demuxed VODs with discontinuities of their own video.js plays most; now and then it waits for ever where it
	// begins, for audio and video to come to the same one.
	newKind("joined-video", from(fmp4, joinedVideo), breaking(6*time.Second), playedBy("hls", "shaka")),
	// Where audio is missing, marked as a gap, hls.js leaps over it, so it comes closer to the live edge with each
	// loop; there it stands until the gap has passed, and then leaps. video.js doesn't know gaps: it asks for them
	// until it has fallen behind, stands for that long, and leaps. Shaka Player gives up at a gap that reaches up to
	// the live edge (error 1011); of the plain VOD it shows the picture up to the end of the audio and no further.
	newKind("audio-shorter", from(fmp4, audioLasting(5*time.Second)), playedBy("hls"), neverBy("shaka"),
		allowing("hls", allowance{stand: 4 * time.Second, leap: 4 * time.Second}),
		allowing("videojs", allowance{stand: 30 * time.Second, leap: 30 * time.Second})),
	newKind("audio-longer", from(fmp4, audioLasting(11*time.Second)), playedBy("hls", "shaka")),
}

// newKind is a kind whose VOD a function makes in an empty folder.
func newKind(name string, build func(dir string) error, properties ...func(*kind)) *kind {
	k := &kind{name: name, entry: "master.m3u8"}
	for _, set := range properties {
		set(k)
	}
	k.made = sync.OnceValue(func() error {
		if err := os.Mkdir(k.dir(), 0o755); err != nil {
			return err
		}
		if err := build(k.dir()); err != nil {
			return fmt.Errorf("make VOD %s: %w", k.name, err)
		}
		return nil
	})
	k.recorded = sync.OnceValues(func() (recording, error) { return record(k.live(shared.proxy)) })
	return k
}

func entering(playlist string) func(*kind)     { return func(k *kind) { k.entry = playlist } }
func playedBy(players ...string) func(*kind)   { return func(k *kind) { k.players = players } }
func neverBy(players ...string) func(*kind)    { return func(k *kind) { k.never = players } }
func breaking(at ...time.Duration) func(*kind) { return func(k *kind) { k.breaks = at } }
func showing(cues []cue) func(*kind)           { return func(k *kind) { k.cues = cues } }
func encrypting(clear *kind) func(*kind)       { return func(k *kind) { k.clear = clear } }

func allowing(player string, a allowance) func(*kind) {
	return func(k *kind) {
		if k.allowed == nil {
			k.allowed = map[string]allowance{}
		}
		k.allowed[player] = a
	}
}

// from makes a VOD out of a copy of another.
func from(base *kind, edits ...func(dir string) error) func(dir string) error {
	return func(dir string) error {
		if err := base.made(); err != nil {
			return err
		}
		if err := os.CopyFS(dir, os.DirFS(base.dir())); err != nil {
			return err
		}
		for _, edit := range edits {
			if err := edit(dir); err != nil {
				return err
			}
		}
		return nil
	}
}

// kindNamed returns a kind whose VOD is there.
func kindNamed(t *testing.T, name string) *kind {
	t.Helper()
	i := slices.IndexFunc(kinds, func(k *kind) bool { return k.name == name })
	if i < 0 {
		t.Fatalf("no kind of VOD is called %s", name)
	}
	kinds[i].ready(t)
	return kinds[i]
}

// ready makes the VOD unless it is there.
func (k *kind) ready(t *testing.T) {
	t.Helper()
	if err := k.made(); err != nil {
		t.Fatal(err)
	}
}

func (k *kind) dir() string { return filepath.Join(vodFolder(), k.name) }

// live is the address of the live stream at a running vod2live.
func (k *kind) live(p *process) string { return p.viewers + "/live/" + k.name + "/" + k.entry }

// forEachKind runs a test for every kind of VOD, all at once.
func forEachKind(t *testing.T, test func(t *testing.T, k *kind)) {
	forEachKindThat(t, func(*kind) bool { return true }, test)
}

// forEachKindThat is forEachKind for some.
func forEachKindThat(t *testing.T, is func(*kind) bool, test func(t *testing.T, k *kind)) {
	for _, k := range kinds {
		if !is(k) {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			k.ready(t)
			test(t, k)
		})
	}
}
