// Package deploy has no code: it holds what an installation of vod2live is made of, and the tests of that.
package deploy
