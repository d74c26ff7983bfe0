package origin

import "context"

// RequestIDHeader tells the origin which viewer's request its own belongs to, so
// that the two logs can be put side by side.
const RequestIDHeader = "X-Request-Id"

type requestID struct{} // the key of a context

// WithRequestID makes requests to origins carry an id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestID{}, id)
}

// RequestID is the id of a context, empty if it has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestID{}).(string)
	return id
}
