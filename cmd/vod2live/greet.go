package main

import (
	"fmt"
	"io"
	"net"
	"strings"

	"vod2live/cmd/vod2live/builtin"
	"vod2live/playlist/mask"
)

// greet shows a person at the terminal where to look.
func (o *options) greet(w io.Writer, viewers, operator net.Addr) {
	base := "http://" + reachable(viewers) + "/"
	if o.tlsCert != "" {
		base = "https://" + reachable(viewers) + "/"
	}
	switch {
	case o.file != nil && len(o.file.Origins) > 0:
		fmt.Fprintf(w, "The VODs of %s play as endless live streams:\n\n", o.configPath)
		for _, f := range o.file.Origins {
			fmt.Fprintf(w, "  origin    %s%s/PATH/master.m3u8\n", base, f.Name)
		}
		for _, c := range o.file.Channels {
			fmt.Fprintf(w, "  channel   %s%s/master.m3u8\n", base, c.Name)
		}
		if o.file.Guide != nil {
			fmt.Fprintf(w, "  guide     %sguide/channels.m3u\n            %sguide/epg.xml\n", base, base)
		}
	case o.origin == "":
		stream := base + liveMount + "/" + builtin.Playlist
		fmt.Fprintf(w, "A VOD of ten seconds that is built in plays as an endless live stream:\n\n")
		fmt.Fprintf(w, "  live      %s\n  watch     ffplay %s\n            vlc %s\n", stream, stream, stream)
	}
	if o.origin != "" {
		stream := base + liveMount + "/PATH/master.m3u8"
		fmt.Fprintf(w, "Every VOD of the origin plays as an endless live stream:\n\n")
		fmt.Fprintf(w, "  VOD       %s/PATH/master.m3u8\n  live      %s\n  watch     ffplay %s\n", strings.TrimRight(mask.Text(o.origin), "/"), stream, stream)
	}
	fmt.Fprintf(w, "  console   %s://%s/\n\nPress Ctrl-C to stop.\n", o.operatorScheme(), reachable(operator))
}

// reachable is an address that a browser on this machine can open.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
