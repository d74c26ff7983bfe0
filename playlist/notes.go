package playlist

// Note names a difference between a live playlist and that of the VOD. Notes are
// stable: the check command prints them.
type Note string

// The notes that one playlist can give.
const (
	NoteImpliedIV     Note = "implied-iv"        // keys without IV: that of the original number is written
	NoteImpliedOffset Note = "implied-offset"    // byte ranges without offset: it is written
	NoteDates         Note = "dates-replaced"    // EXT-X-PROGRAM-DATE-TIME follows the loop's clock
	NoteDateRange     Note = "daterange-redated" // EXT-X-DATERANGE too, with an ID per loop
	NoteCue           Note = "cue-dropped"       // EXT-X-DATERANGE with CUE=PRE or POST: a loop neither begins nor ends
	NoteStart         Note = "start-dropped"     // EXT-X-START has another meaning in a live playlist
	NoteLowLatency    Note = "low-latency-dropped"
	NoteImages        Note = "images-dropped"   // EXT-X-IMAGE-STREAM-INF
	NoteLeftOut       Note = "segment-left-out" // an EXTINF of zero or less
	NoteNoEndlist     Note = "endlist-missing"  // EXT-X-PLAYLIST-TYPE:VOD without EXT-X-ENDLIST
	NoteBadIV         Note = "iv-malformed"     // an IV that is no hexadecimal number of 128 bits
)

// Notices of how a VOD is mapped to the renditions of a channel.
const (
	NoteLanguageMissing    Note = "language-missing"    // audio in another language
	NoteSubtitlesMissing   Note = "subtitles-missing"   // subtitles without cues
	NoteIFramesMissing     Note = "iframes-missing"     // gaps in an I-frame playlist
	NoteCodecsUnknown      Note = "codecs-unknown"      // CODECS is absent: they are not compared
	NoteBandwidthExceeded  Note = "bandwidth-exceeded"  // above the channel's BANDWIDTH
	NoteResolutionExceeded Note = "resolution-exceeded" // above the channel's RESOLUTION
	NoteFrameRateDiffers   Note = "frame-rate-differs"
	NoteChannelsDiffer     Note = "channels-differ" // CHANNELS of audio
	NoteEncryptionDiffers  Note = "encryption-differs"
	NoteClipMoved          Note = "clip-moved"   // a clip begins or ends more than a target duration after its requested instant
	NoteCutOverhang        Note = "cut-overhang" // more than half a second of a last segment is cut away
)

// Notice is a note on one rendition of a channel, or on all of it.
type Notice struct {
	Code      Note
	Rendition int    // of the channel; -1: not of one rendition
	Detail    string // for people
}

// Notes are the number of each note.
type Notes map[Note]int

// noteOf is the note for a tag that is left out. Tags that only mark the playlist as
// a VOD have none.
var noteOf = map[string]Note{
	tagStart: NoteStart, tagImageStreamInf: NoteImages, tagProgramDateTime: NoteDates,
	tagPart: NoteLowLatency, tagPartInf: NoteLowLatency, tagServerControl: NoteLowLatency,
	tagPreloadHint: NoteLowLatency, tagRenditionReport: NoteLowLatency,
}

// note counts a line that is left out.
func (m *Media) note(line string) {
	name, _ := splitTag(line)
	if note, worth := noteOf[name]; worth {
		m.Notes[note]++
	}
}

// Method is METHOD of the key.
func (k Key) Method() string { return k.method }

// Format is KEYFORMAT of the key; identity if absent.
func (k Key) Format() string { return k.format }

// Line is the EXT-X-KEY as the VOD has it, with the IV that it implies.
func (k Key) Line() string { return k.text() }
