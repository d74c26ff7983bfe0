package timeshift

import "time"

// MediaGrace is how much farther back than the setting media playlists go than
// multivariant ones: no viewer is cut off in the middle of a film.
const MediaGrace = 24 * time.Hour

// Bounds of a stream for views.
type Bounds struct {
	Back   time.Duration // the setting dvr, for media playlists and MediaGrace
	Target time.Duration // TD
}

// Check is why a view is outside the bounds at an instant, an *Error; nil: it is not.
// Where the stream begins, and how many segments and discontinuities a view has, package
// loop finds.
func (v View) Check(b Bounds, now time.Time) error {
	if v.From.IsZero() {
		return v.checkRolling(b)
	}
	switch length := v.To.Sub(v.From); {
	case v.From.After(now):
		return reject(CodeInFuture, "the interval begins at %s", v.From.Format(time.RFC3339))
	case v.From.Before(now.Add(-b.Back)):
		return reject(CodeTooOld, "the interval begins before %s", now.Add(-b.Back).UTC().Format(time.RFC3339))
	case v.To.IsZero():
		return nil
	case length < max(b.Target, 2*time.Second):
		return reject(CodeTooShort, "the interval is %s long, at least %s are needed", length, max(b.Target, 2*time.Second))
	case length > 24*time.Hour:
		return reject(CodeTooLong, "the interval is %s long, at most 24 h are served", length)
	}
	return nil
}

// checkRolling adds a minute, for durations are rounded up.
func (v View) checkRolling(b Bounds) error {
	if v.Span+v.Delay > 0 && v.Span+v.Delay > b.Back+time.Minute {
		return reject(CodeTooOld, "dvr and delay go %s back, at most %s are served", v.Span+v.Delay, b.Back)
	}
	return nil
}
