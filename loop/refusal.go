package loop

import "fmt"

// Code names the reason why a VOD can't be a live stream. Codes are stable:
// logs and the check command show them.
type Code string

// The reasons that durations and flags can give.
const (
	CodeEmpty                Code = "empty"                    // no segment at all
	CodeBadDuration          Code = "bad-duration"             // an EXTINF that is not positive
	CodeLoopTooShort         Code = "loop-too-short"           // less than MinLength in all
	CodeSegmentTooLong       Code = "segment-too-long"         // a segment over MaxSegment
	CodeWindowTooLong        Code = "window-too-long"          // a window of more than MaxWindow segments
	CodeTooManySegments      Code = "too-many-segments"        // more than MaxSegments in one loop
	CodeChangesTooOften      Code = "changes-too-often"        // a playlist that would change more often than every MinInterval
	CodeDiscontinuityUnmatch Code = "discontinuity-mismatch"   // a rendition has no boundary where another has a discontinuity
	CodeTargetExceeded       Code = "target-duration-exceeded" // an optional rendition has a longer segment than the essential ones allow
	CodeErasUnordered        Code = "eras-unordered"           // an era that is not later than the previous one
	CodeEraTooShort          Code = "era-too-short"            // an era that would end before it can be seen
	CodeClipUnaligned        Code = "clip-unaligned"           // no instant of the VOD at which a clip can begin
	CodeNumbersDiffer        Code = "numbers-differ"           // an era that can't begin where its schedule has it
	CodeRenditionsChanged    Code = "renditions-changed"       // an edited VOD has other renditions than before
)

// Refusal is the error of a VOD that can't be a live stream.
type Refusal struct {
	Code      Code
	Rendition int    // its place among the VOD's renditions; -1: not of one rendition
	Detail    string // the finding, for people
}

// Error is the code and the detail.
func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Code, r.Detail) }

// refuse returns the Refusal of one rendition.
func refuse(code Code, rendition int, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Rendition: rendition, Detail: fmt.Sprintf(format, args...)}
}
