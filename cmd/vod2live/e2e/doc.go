// Package e2e holds the end-to-end tests: the vod2live binary between a real origin (nginx with VODs that ffmpeg
// makes) and real players (ffmpeg; hls.js, Shaka Player and video.js in headless Chromium).
//
// Every part is real and everything stays on 127.0.0.1. The tests want ffmpeg, nginx, xmltv-util, Node and Chromium
// on the machine, `npm ci` done in this folder and versitygw, an S3 server (`make bin/versitygw`); without them they
// fail. `go test -short` leaves all of them out.
//
// Environment: E2E_BINARY names a vod2live to test instead of building one, E2E_ARTIFACTS a folder for the
// screenshots, CHROMIUM another browser than /usr/bin/chromium. E2E_PLAYERS=all plays every kind of VOD in every
// player, and some plays that take minutes (make test-players); without it each kind is played in those that have shown
// most with it, which takes about half the time.
//
// A live stream advances with the wall clock, so most of the time goes by waiting: the tests run in parallel and
// share one origin, one proxy and one browser; those in which a part fails or is configured start their own. VODs last
// eight seconds, so that two loop points soon pass.
package e2e
