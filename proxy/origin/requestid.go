package origin

import "context"

// RequestIDHeader gives the origin the id of the viewer's request, so that the
// two logs can be compared.
const RequestIDHeader = "X-Request-Id"

type requestID struct{} // the key of a context

// WithRequestID makes requests to origins carry an id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestID{}, id)
}

// RequestID is the id of a context; empty: it has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestID{}).(string)
	return id
}
