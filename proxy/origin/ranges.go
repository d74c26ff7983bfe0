package origin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Range is a Range of one part: from First to Last, from First to the end (Last
// is -1), or the last bytes (First is -1).
type Range struct{ First, Last int64 }

// ParseRange reads a Range header. One with several parts or a malformed one is
// not ok.
func ParseRange(values []string) (r Range, ok bool) {
	if len(values) != 1 {
		return r, false
	}
	unit, part, _ := strings.Cut(values[0], "=")
	if !strings.EqualFold(unit, "bytes") {
		return r, false
	}
	return parsePart(part)
}

func parsePart(part string) (r Range, ok bool) {
	first, last, dash := strings.Cut(part, "-")
	if !dash || first == "" && last == "" {
		return r, false
	}
	if r.First, ok = position(first); !ok {
		return r, false
	}
	r.Last, ok = position(last)
	return r, ok && (r.First < 0 || r.Last < 0 || r.First <= r.Last)
}

// position reads digits; none are -1.
func position(digits string) (int64, bool) {
	if digits == "" {
		return -1, true
	}
	if len(digits) > 18 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// String is the one form in which a range is requested and cached.
func (r Range) String() string {
	b := []byte("bytes=")
	if r.First >= 0 {
		b = strconv.AppendInt(b, r.First, 10)
	}
	b = append(b, '-')
	if r.Last >= 0 {
		b = strconv.AppendInt(b, r.Last, 10)
	}
	return string(b)
}

// Within is where the range lies in a body of a size; not ok: outside.
func (r Range) Within(size int64) (from, length int64, ok bool) {
	if r.First < 0 {
		length = min(r.Last, size)
		return size - length, length, length > 0
	}
	if r.First >= size {
		return 0, 0, false
	}
	last := size - 1
	if r.Last >= 0 {
		last = min(last, r.Last)
	}
	return r.First, last - r.First + 1, true
}

// ContentRange is the Content-Range of a 206, from First to Last of Size bytes. A Size of
// -1 is not known.
type ContentRange struct{ First, Last, Size int64 }

// ParseContentRange reads a Content-Range header. That of a 416 is not ok.
func ParseContentRange(values []string) (c ContentRange, ok bool) {
	if len(values) != 1 {
		return c, false
	}
	unit, rest, _ := strings.Cut(values[0], " ")
	part, size, slash := strings.Cut(rest, "/")
	r, isPart := parsePart(part)
	if !strings.EqualFold(unit, "bytes") || !slash || !isPart || r.First < 0 || r.Last < 0 {
		return c, false
	}
	c = ContentRange{r.First, r.Last, -1}
	if size == "*" {
		return c, true
	}
	c.Size, ok = position(size)
	return c, ok && c.Size > c.Last
}

// length of the part.
func (c ContentRange) length() int64 { return c.Last - c.First + 1 }

// whole reports whether the part is the whole resource.
func (c ContentRange) whole() bool { return c.First == 0 && c.length() == c.Size }

// is reports whether the part is the requested range, to its end or to the end of
// the resource. A range without an end may be cut anywhere: its reader sees where
// the part ends. Last bytes of an unknown size can't be checked.
func (c ContentRange) is(r Range) bool {
	switch {
	case r.First >= 0 && r.Last < 0:
		return c.First == r.First
	case c.Size < 0:
		return c.First == r.First && c.Last == r.Last
	}
	from, length, ok := r.Within(c.Size)
	return ok && c.First == from && c.length() == length
}

// errMisfit: a 206 does not fit the request, and must reach neither a viewer nor
// a cache. It is no failure of the place: there is an answer.
var errMisfit = fmt.Errorf("%w: its 206 does not fit the requested range", ErrBody)

// checkPart reports whether a 206 fits the request. One without a length must
// have all of the part, and no more.
func checkPart(req *http.Request, resp *http.Response) error {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	multipart := strings.EqualFold(strings.TrimSpace(kind), "multipart/byteranges")
	asked := parts(req.Header["Range"])
	if multipart && len(asked) > 1 && resp.Header["Content-Range"] == nil {
		return nil
	}
	part, ok := ParseContentRange(resp.Header["Content-Range"])
	switch {
	case multipart, !ok, !slices.ContainsFunc(asked, part.is):
		return fmt.Errorf("%w: Content-Range %.80q", errMisfit, resp.Header.Get("Content-Range"))
	case resp.ContentLength >= 0 && resp.ContentLength != part.length():
		return fmt.Errorf("%w: Content-Length %d", errMisfit, resp.ContentLength)
	case compressed(resp.Header) && !part.whole():
		return fmt.Errorf("%w: it is a part of a compressed body", errMisfit)
	case !sameVersion(req.Header.Get("If-Range"), resp.Header):
		return fmt.Errorf("%w: it is of another version than If-Range names", errMisfit)
	}
	if resp.ContentLength < 0 {
		setLength(req, resp, part.length())
	}
	return nil
}

// parts are the ranges of a Range header; nil: it is malformed.
func parts(values []string) (all []Range) {
	if len(values) != 1 {
		return nil
	}
	unit, list, _ := strings.Cut(values[0], "=")
	if !strings.EqualFold(unit, "bytes") {
		return nil
	}
	for part := range strings.SplitSeq(list, ",") {
		r, ok := parsePart(strings.TrimSpace(part))
		if !ok {
			return nil
		}
		all = append(all, r)
	}
	return all
}

// sameVersion reports whether an answer may be used for If-Range.
func sameVersion(condition string, h http.Header) bool {
	if strings.Contains(condition, `"`) {
		return h.Get("Etag") == "" || h.Get("Etag") == condition
	}
	date, err := http.ParseTime(condition)
	modified, undated := http.ParseTime(h.Get("Last-Modified"))
	return err != nil || undated != nil || date.Equal(modified)
}

// setLength gives an answer the length of its Content-Range.
func setLength(req *http.Request, resp *http.Response, length int64) {
	resp.ContentLength = length
	resp.Header["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	if body, watched := resp.Body.(*watchedBody); watched && req.Method != http.MethodHead {
		body.ReadCloser = &exactBody{body.ReadCloser, length}
	}
}

// exactBody is a body that fails unless it has exactly this many bytes.
type exactBody struct {
	io.ReadCloser
	left int64
}

var errLonger = errors.New("the body is longer than its Content-Range")

func (b *exactBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		if n, err := b.ReadCloser.Read(make([]byte, 1)); n == 0 {
			return 0, err
		}
		return 0, errLonger
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	if b.left -= int64(n); b.left > 0 && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
