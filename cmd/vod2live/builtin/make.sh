#!/bin/sh
# Makes vod/: the VOD of ten seconds that vod2live serves when no origin is given.
# Wants ffmpeg with libx264, and the DejaVu fonts (Debian: ffmpeg, fonts-dejavu-core).
#
# What makes its loop point clean:
# - every segment is 50 frames, exactly 2 s, and opens with an IDR frame; groups of pictures are closed;
# - no B-frames, so video begins at the same timestamp in decoding and in presentation order;
# - audio is encoded on its own first: as plain ADTS frames it begins with the video, not a frame before it.
#   10 s are 468.75 frames of AAC, so 469 of them overhang by 5 ms, less than a player hears or skips.
set -eu
cd "$(dirname "$0")"

fonts=${FONTS:-/usr/share/fonts/truetype/dejavu}
seconds=10
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ff() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }

# A blip each second, a higher and longer one where the loop begins; both fade out long before the next.
blip='0.22*sin(2*PI*880*t)*exp(-24*mod(t\,1))*gte(t\,1)'
bell='0.24*(sin(2*PI*1320*t)+0.4*sin(2*PI*1980*t))*exp(-7*t)'
ff -f lavfi -i "aevalsrc=exprs=$blip+$bell:s=48000:d=$seconds" -c:a aac -b:a 48k -ac 1 \
	-frames:a 469 -flags +bitexact "$work/audio.aac"

# The picture: a counter in tenths, a bar that fills once per loop over a tick for each second,
# and a ball that goes round once per segment.
background='gradients=s=640x360:c0=0x101a33:c1=0x2b1b4d:x0=0:y0=0:x1=639:y1=359:n=2:speed=0.00001:d=0.04,format=yuv420p,loop=loop=-1:size=1'
ball='color=c=0xffb454:s=28x28,format=yuva420p,geq=lum=lum(X\,Y):cb=cb(X\,Y):cr=cr(X\,Y):a=255*clip(14-hypot(X-13.5\,Y-13.5)\,0\,1)'
counter="drawtext=fontfile=$fonts/DejaVuSansMono-Bold.ttf:fontsize=150:fontcolor=white:x=(w-text_w)/2:y=92"
counter="$counter:text='%{eif\:floor(n/25)\:d}.%{eif\:mod(floor(n*2/5)\,10)\:d}'"
label="drawtext=fontfile=$fonts/DejaVuSans-Bold.ttf:fontcolor=0xaab4d4:fontsize=22"
ticks=
for i in 1 2 3 4 5 6 7 8 9; do ticks="$ticks,drawbox=x=40+56*$i-1:y=308:w=2:h=6:color=0xaab4d4:t=fill"; done

graph="[0:v]trim=duration=$seconds,fps=25,$label:text='vod2live':x=40:y=32,$counter[text];
[1:v]trim=duration=$seconds[ball];
[text][ball]overlay=x='306+245*sin(PI*t)':y='150-110*cos(PI*t)',drawbox=x=40:y=296:w=560:h=10:color=0x3a4470:t=fill$ticks[track];
[2:v]trim=duration=$seconds[bar];
[track]split[whole][strip];
[strip]crop=560:10:40:296[lane];
[lane][bar]overlay=x='-560+56*(t+0.04)':y=0[filled];
[whole][filled]overlay=x=40:y=296,split[large][small];
[large]$label:text='360p':x=w-text_w-40:y=32[v360];
[small]scale=320:180,drawtext=fontfile=$fonts/DejaVuSans-Bold.ttf:fontcolor=0xaab4d4:fontsize=14:text='180p':x=w-text_w-20:y=15[v180]"

rm -rf vod
ff -f lavfi -i "$background" -f lavfi -i "$ball" -f lavfi -i color=c=0x5ad1a0:s=560x10 -i "$work/audio.aac" \
	-filter_complex "$graph" -map '[v360]' -map '[v180]' -map 3:a -map 3:a -c:a copy \
	-c:v libx264 -preset veryslow -profile:v main -pix_fmt yuv420p -flags +cgop+bitexact -fflags +bitexact \
	-g 50 -keyint_min 50 -sc_threshold 0 -bf 0 -crf:v:0 17 -crf:v:1 25 -level:v:0 3.0 -level:v:1 1.3 \
	-f hls -hls_time 2 -hls_playlist_type vod -hls_flags independent_segments \
	-var_stream_map 'v:0,a:0,name:360p v:1,a:1,name:180p' \
	-hls_segment_filename 'vod/%v/seg%d.ts' 'vod/%v/index.m3u8'

# BANDWIDTH is the peak over segments, as RFC 8216bis 4.4.6.2 wants it; here all segments are equally long.
stream() { # name, resolution, codec
	wc -c vod/"$1"/*.ts | awk -v n="$1" -v r="$2" -v c="$3" -v s="$seconds" '
		$2 == "total" { sum = $1; next }
		$1 > peak { peak = $1 }
		END {
			printf "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=\"%s,mp4a.40.2\",RESOLUTION=%s,FRAME-RATE=25.000\n",
				peak * 8 / 2, sum * 8 / s, c, r
			printf "%s/index.m3u8\n", n
		}'
}
{
	printf '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n'
	stream 360p 640x360 avc1.4d401e
	stream 180p 320x180 avc1.4d400d
} >vod/demo.m3u8
