package onair

import (
	"net/url"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/playlist/mask"
)

// What a VOD is refused for because of its addresses.
const (
	CodePrivateAddress loop.Code = "private-address" // one that only the operator should know
	CodeParamsDirect   loop.Code = "params-direct"   // one that players request without the origin's params
)

// beside is for an address that does not pass through us: it goes to the public
// URL of its origin, if it lies on the host of one, else it stays as it is.
func (a *addresses) beside(n int, address *url.URL) string {
	public, hidden := a.client.Beside(address)
	switch {
	case public != "":
		return public
	case hidden:
		a.refuse(CodePrivateAddress, n, address)
	}
	return address.String()
}

// refuse rejects the VOD, unless it is rejected already. If the address may
// contain variables, only its host is named.
func (a *addresses) refuse(code loop.Code, n int, address *url.URL) {
	if a.refused != nil {
		return
	}
	shown := mask.Text(address.String())
	if a.variables {
		shown = address.Scheme + "://" + address.Host + "/…"
	}
	a.refused = &loop.Refusal{Code: code, Rendition: n, Detail: shown}
}

// check returns what a live playlist is refused for because of its addresses.
func (a *addresses) check(live *playlist.Live, err error) (*playlist.Live, error) {
	if err == nil && a.refused != nil {
		return nil, a.refused
	}
	return live, err
}
