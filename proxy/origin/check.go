package origin

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// redirect is where an answer sends us, nil if nowhere.
func (c *Client) redirect(o *Origin, resp *http.Response, said s3Error) (*url.URL, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	next, err := resp.Location()
	if err != nil {
		return nil, said.explain(o.refuseRedirect(resp, nil))
	}
	if _, _, ok := c.Locate(next, ""); !ok {
		return nil, said.explain(o.refuseRedirect(resp, next))
	}
	return next, nil
}

// check reports whether an answer fits the request.
func check(req *http.Request, resp *http.Response, said s3Error) error {
	has := func(name string) bool { return req.Header.Get(name) != "" }
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
		switch {
		case has("Range") && resp.StatusCode == http.StatusPartialContent:
			return checkPart(req, resp)
		case has("Range"):
			return nil
		}
		return fmt.Errorf("%w: %d without a requested range", ErrBody, resp.StatusCode)
	case http.StatusNotModified:
		if has("If-None-Match") || has("If-Modified-Since") {
			return nil
		}
		return fmt.Errorf("%w: 304 without a condition", ErrBody)
	case http.StatusNotFound, http.StatusGone:
		return said.explain(notFound(resp.StatusCode))
	case http.StatusForbidden:
		if said.deniesAbsent() {
			return fmt.Errorf("%w: %w", ErrNotFound, &StatusError{Code: resp.StatusCode, Said: said.String()})
		}
	}
	return &StatusError{resp.StatusCode, said.String(), wantsPause(resp.Header, time.Now())}
}
