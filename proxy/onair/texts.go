package onair

import (
	"go.uber.org/zap"

	"vod2live/playlist/mask"
	"vod2live/proxy/problem"
)

// logTexts warns of a VOD whose texts evict each other.
func (e *env) logTexts(st *Stream) {
	e.config.Log.Warn("too many playlist texts, one for each query: set query: of the origin to the parameters that matter",
		zap.String("mount", st.key.Mount), zap.String("path", mask.Line(st.key.Path)), zap.Int("texts", maxTexts), zap.String("code", CodeManyTexts))
}

// texts is the problem of a VOD whose texts evict each other.
func (e *env) texts(st *Stream) []problem.Problem {
	if _, _, thrash := e.store.books().formCount(st); !thrash {
		return nil
	}
	return []problem.Problem{problem.New(problem.Warning, CodeManyTexts, "Each query has its own playlist text, because the origin writes it into addresses. More texts are in use than are kept, so playlists are loaded again and again.").
		Advise("Set query: of the origin to the parameters that matter, or to ignore.")}
}
