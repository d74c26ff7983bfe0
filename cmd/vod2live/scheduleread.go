package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"vod2live/cmd/vod2live/config"
	"vod2live/playlist/mask"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/schedule"
)

// open reads a schedule from a file, an address, or an origin of the configuration.
func (c *scheduling) open(ctx context.Context, reference string) (*schedule.Object, error) {
	text, err := c.fetch(ctx, reference)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", mask.Text(reference), err)
	}
	var unknown error
	o, err := schedule.ReadWish(mask.Text(reference), text, func(o *schedule.Object) { unknown = c.complete(o) })
	if unknown != nil && c.verb != "show" { // it explains what else is wrong
		return nil, fmt.Errorf("%s: %w", mask.Text(reference), unknown)
	}
	return o, c.unconfigured(err)
}

// unconfigured adds to an error that no configuration was given: it completes a wish.
func (c *scheduling) unconfigured(err error) error {
	if err == nil || c.file != nil || c.verb == "show" {
		return err
	}
	return errors.Join(err, errors.New("no -config is given: the servers' configuration has the origins, and the channel's target_duration, model, filler and slate"))
}

func (c *scheduling) fetch(ctx context.Context, reference string) ([]byte, error) {
	if reference == "-" {
		return schedule.ReadText(os.Stdin)
	}
	if !strings.Contains(reference, "://") {
		file, err := os.Open(reference)
		if err == nil {
			defer file.Close()
			return schedule.ReadText(file)
		}
		if name, _, more := strings.Cut(reference, "/"); more && name != "" && !c.atOrigin(reference) && errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("no such file, and no origin %q: origins are given by -config, or -origin", name)
		}
		if !c.atOrigin(reference) {
			return nil, err
		}
	}
	address, err := c.address(reference)
	if err != nil {
		return nil, err
	}
	return onair.FetchObject(ctx, c.config.Config, address)
}

// atOrigin says whether text begins with the name of an origin.
func (c *scheduling) atOrigin(reference string) bool {
	name, _, _ := strings.Cut(reference, "/")
	return slices.ContainsFunc(c.config.Origins, func(o *origin.Origin) bool { return o.Name == name })
}

// address is that at the origin.
func (c *scheduling) address(reference string) (*url.URL, error) {
	if !strings.Contains(reference, "://") {
		name, path, _ := strings.Cut(reference, "/")
		n := slices.IndexFunc(c.config.Origins, func(o *origin.Origin) bool { return o.Name == name })
		return c.config.Origins[n].URL(path, "")
	}
	return url.Parse(reference)
}

// channel is the channel of a schedule, as it is configured. A schedule may only name
// VODs that its servers let it name.
func (c *scheduling) channel(o *schedule.Object) (onair.Channel, error) {
	of := onair.Channel{Name: cmp.Or(o.Name, "channel"), Options: c.config.Options, DVR: c.config.DVR}
	if n := slices.IndexFunc(c.config.Channels, func(one onair.Channel) bool { return one.Name == o.Name }); n >= 0 {
		of = c.config.Channels[n]
	}
	return of, c.unconfigured(onair.RulesOf(c.config.Config, of).CheckOrigins(o))
}

// complete adds what the configuration has for a wish that does not say it. The error is
// that it does not have the channel.
func (c *scheduling) complete(o *schedule.Object) error {
	if c.channelName != "" && o.Name != "" && o.Name != c.channelName {
		return fmt.Errorf("the schedule is for the channel %q, not for %q (-channel)", o.Name, c.channelName)
	}
	if o.Name = cmp.Or(o.Name, c.channelName); c.file == nil {
		return nil
	}
	names := []string{}
	for n := range c.file.Channels {
		one := &c.file.Channels[n]
		if one.Name == o.Name {
			c.defaults(o, one)
			return nil
		}
		names = append(names, one.Name)
	}
	all := cmp.Or(strings.Join(names, ", "), "none")
	if o.Name == "" {
		return fmt.Errorf("the schedule names no channel: give it a \"channel\", or use -channel; the channels of the configuration are: %s", all)
	}
	return fmt.Errorf("channel %q not found in the configuration; the channels are: %s", o.Name, all)
}

func (c *scheduling) defaults(o *schedule.Object, one *config.Channel) {
	o.Target = cmp.Or(o.Target, one.Target)
	o.Model, o.Slate = cmp.Or(o.Model, one.Model), cmp.Or(o.Slate, one.Slate)
	if len(o.Filler) == 0 {
		o.Filler = one.Filler
	}
	if o.Written.IsZero() { // else they are written down
		o.Breaks = cmp.Or(o.Breaks, one.Breaks)
	}
	o.Title, o.Logo, o.Number, o.Group = cmp.Or(o.Title, one.Title), cmp.Or(o.Logo, one.Logo), cmp.Or(o.Number, one.Number), cmp.Or(o.Group, one.Group)
}
