package config

import (
	"net/url"
	"strings"
	"time"

	"vod2live/proxy/origin"
)

// OriginURL is where VODs are. It may hold a password.
func OriginURL(to *string) Value {
	return Value{Unit: "URL", Secret: true, schema: schema{"type": "string"}, set: func(text string) error {
		if err := checkOrigin(text); err != nil {
			return err
		}
		*to = text
		return nil
	}}
}

// PublicAddress is where viewers reach the server: nothing secret, as they see it. It is
// kept without a slash at its end.
func PublicAddress(to *string) Value {
	return Value{Unit: "URL", schema: schema{"type": "string"}, clear: zero(to), set: func(text string) error {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, "?#") {
			return &invalid{text: "not an address such as https://tv.example.com: http(s)://host[:port][/prefix], without user, query and fragment"}
		}
		*to = strings.TrimRight(u.String(), "/")
		return nil
	}}
}

// checkOrigin returns why a text is not an origin's URL. Its suggestion
// contains no user, password or query.
func checkOrigin(text string) error {
	u, err := url.Parse(text)
	if err == nil && u.Host != "" && isPlaylist(u.Path) {
		return &invalid{"a playlist, not the folder of VODs", folder(u)}
	}
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, ".") || strings.HasPrefix(text, "file:") {
		return &invalid{text: "a folder of this machine; an origin is an HTTP server, such as nginx with deploy/nginx/origin.conf"}
	}
	if _, err := origin.New("check", text, time.Second); err != nil {
		return &invalid{err.Error(), originMeant(text)}
	}
	return nil
}

// isPlaylist reports whether a path ends like those of playlists.
func isPlaylist(path string) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, ".m3u8") || strings.HasSuffix(path, ".m3u")
}

// folder is the address above a playlist; empty if it has a password.
func folder(u *url.URL) string {
	if u.User != nil {
		return ""
	}
	path := u.EscapedPath()
	return u.Scheme + "://" + u.Host + path[:strings.LastIndexByte(path, '/')]
}

// originMeant guesses the URL that was meant by an address without http or https.
func originMeant(text string) string {
	if strings.ContainsAny(text, "@?#") {
		return "" // it may hold a secret
	}
	if bucket, is := strings.CutPrefix(text, "s3://"); is {
		bucket, prefix, _ := strings.Cut(bucket, "/")
		return "https://" + bucket + ".s3.REGION.amazonaws.com/" + prefix
	}
	return WithScheme(text)
}

// WithScheme guesses the URL that was meant by an address without a scheme: http on this
// machine and in private networks, where few have a certificate. Empty: it looks like none.
func WithScheme(text string) string {
	host, _, _ := strings.Cut(text, "/")
	u, err := url.Parse("http://" + host)
	if err != nil || strings.Contains(text, "://") {
		return ""
	}
	switch name := u.Hostname(); {
	case name != "localhost" && !strings.ContainsAny(name, ".:"), strings.HasPrefix(name, "."):
		return ""
	case origin.Internal(name):
		return "http://" + text
	}
	return "https://" + text
}
