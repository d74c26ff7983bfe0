package main

import (
	"cmp"
	"path/filepath"
	"slices"

	"vod2live/cmd/vod2live/config"
	"vod2live/proxy/onair"
)

// fromObject lets a channel play a schedule object. A local file may name the VODs of
// all origins, unless some are listed.
func (o *options) fromObject(made *onair.Channel, c *config.Channel) {
	at := c.Object
	made.Object = &onair.ObjectSource{File: at.File, Origin: at.Origin, Path: at.Path, Query: at.Query, Origins: slices.Clone(c.Origins)}
	made.Object.Target = c.Target
	if c.Model != nil {
		made.Object.Model = c.Model.VOD()
	}
	if at.Origin != "" {
		made.Object.Origins = append(made.Object.Origins, at.Origin)
	} else if len(c.Origins) == 0 {
		for _, f := range o.file.Origins {
			made.Object.Origins = append(made.Object.Origins, f.Name)
		}
	}
	made.Origin, made.Path = cmp.Or(at.Origin, slices.Concat(made.Object.Origins, []string{liveMount})[0]), cmp.Or(at.Path, filepath.Base(at.File))
}
