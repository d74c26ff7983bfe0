package vod

import (
	"strings"
	"testing"

	"vod2live/proxy/origin"
)

// TestSources_LongAddressesAndValidatorsAreCounted: origins choose them.
func TestSources_LongAddressesAndValidatorsAreCounted(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for name, src := range map[string]source{
		"address": {Address: long}, "ETag": {validators: origin.Validators{ETag: long}}, "Last-Modified": {validators: origin.Validators{LastModified: long}},
	} {
		if size := (Sources{src, src}).Size(); size < 2000 {
			t.Errorf("two of a long %s: %d bytes", name, size)
		}
	}
	all := source{Address: long, validators: origin.Validators{ETag: long, LastModified: long}}
	if size := (Sources{all}).Size(); size < 3000 {
		t.Errorf("all of them: %d bytes", size)
	}
}
