package onair

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"vod2live/proxy/origin"
	"vod2live/proxy/schedule"
)

// ObjectSource is where the schedule of a channel is written.
type ObjectSource struct {
	File                string // a local file; empty: it is at an origin
	Origin, Path, Query string
	Origins             []string // origins of the VODs that it may name

	// Configured values for those who write the object: a difference from the
	// object is reported.
	Model  string        // ORIGIN/PATH; empty: nothing
	Target time.Duration // 0: nothing
}

// differs reports whether an object differs from the configuration.
func (o *ObjectSource) differs(from *schedule.Object) bool {
	return o.Target > 0 && o.Target != from.Target || o.Model != "" && o.Model != from.Model.VOD()
}

// String is what people call it.
func (o *ObjectSource) String() string {
	if o.File != "" {
		return o.File
	}
	return o.Origin + "/" + o.Path
}

// fetched is a schedule as it was read; no text: it has not changed.
type fetched struct {
	text       []byte
	validators origin.Validators
}

// FetchObject reads a schedule from an origin of the configuration.
func FetchObject(ctx context.Context, config Config, address *url.URL) ([]byte, error) {
	got, err := fetchObject(ctx, newSite(&config).client, address, origin.Validators{})
	return got.text, err
}

// fetchObject requests an object from an origin, bypassing all caches.
func fetchObject(ctx context.Context, client *origin.Client, address *url.URL, have origin.Validators) (got fetched, err error) {
	header := http.Header{"Accept-Encoding": origin.Identity, "Cache-Control": {"no-cache"}}
	for name, value := range map[string]string{"If-None-Match": have.ETag, "If-Modified-Since": have.LastModified} {
		if value != "" {
			header.Set(name, value)
		}
	}
	err = client.Read(ctx, address, header, func(resp *http.Response) (err error) {
		got = fetched{validators: have}
		switch {
		case resp.StatusCode == http.StatusNotModified && have != origin.Validators{}:
			return nil
		case resp.StatusCode != http.StatusOK:
			return &origin.StatusError{Code: resp.StatusCode}
		}
		got.validators = origin.Validators{ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
		if got.text, err = schedule.ReadText(resp.Body); err != nil {
			err = fmt.Errorf("%w: %w", origin.ErrBody, err)
		}
		return err
	})
	return got, err
}

// errNotFile is of a directory, a pipe or a device: to open one may take forever.
var errNotFile = errors.New("not a regular file")

// readFile reads a local object, unless it is unchanged.
func readFile(name string, have origin.Validators) (got fetched, err error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: %w", name, errNotFile)
	}
	if err != nil {
		return got, err
	}
	if got.validators.ETag = fmt.Sprint(info.Size(), info.ModTime().UnixNano()); got.validators == have {
		return got, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return got, err
	}
	defer file.Close()
	got.text, err = schedule.ReadText(file)
	return got, err
}
