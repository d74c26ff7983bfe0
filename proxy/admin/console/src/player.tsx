import { useEffect, useRef, useState } from 'preact/hooks';
import type Hls from 'hls.js';
import { bitRate } from './format';
import { serverTime } from './poll';

interface Seen {
  behind: number | null; // seconds between what is on screen and the clock
  quality: string;
  dropped: number;
}

interface Props {
  address: string;
  from: string; // the instant that the address begins at; empty: it is live
  has_query: boolean;
}

// Player plays the stream as a viewer would, once “Watch” is pressed.
export function Player({ address, from, has_query }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [on, setOn] = useState(false);
  const [failed, setFailed] = useState('');
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    if (!on) return;
    setFailed('');
    return play(video.current!, address, setSeen, (why) => { setFailed(why); setOn(false); });
  }, [on, address]);
  return (
    <section class="panel player" aria-labelledby="player">
      <div class="heading">
        <h2 id="player">Player</h2>
        <span class="quiet">{on && seen ? said(seen) : 'as viewers see it'}</span>
      </div>
      <div class="screen">
        <video ref={video} muted playsInline controls={on} aria-label="Live stream" />
        {!on && <button type="button" class="watch-button" onClick={() => setOn(true)}>Watch{from && ` from ${from.slice(11, 19)}`}</button>}
      </div>
      {on && <button type="button" onClick={() => setOn(false)}>Stop</button>}
      {failed && <p class="said bad" role="alert">{failed}</p>}
      {has_query && <p class="quiet">Viewers request this stream with a query. The query is not shown here, and this player does not send it.</p>}
    </section>
  );
}

const said = ({ behind, quality, dropped }: Seen) =>
  [behind !== null && `${behind.toFixed(1)} s behind the clock`, quality, dropped > 0 && `${dropped} frames dropped`].filter(Boolean).join(' · ');

// play attaches hls.js, which is loaded now; what it returns ends the play.
function play(video: HTMLVideoElement, address: string, see: (seen: Seen) => void, fail: (why: string) => void): () => void {
  let hls: Hls | undefined;
  let ended = false;
  void import('hls.js').then(({ default: Library }) => {
    if (ended) return;
    if (!Library.isSupported()) {
      video.src = address; // Safari on a phone plays HLS natively
      video.addEventListener('error', () => fail('This browser can’t play the stream.'), { once: true });
      return video.play();
    }
    hls = new Library({ enableWorker: false });
    hls.on(Library.Events.ERROR, (_event, { fatal, details, response }) => {
      if (fatal) fail(`The player stopped: ${details}${response?.code ? `, status ${response.code}` : ''}. The log of vod2live has the cause of each failed request.`);
    });
    hls.loadSource(address);
    hls.attachMedia(video);
    return video.play();
  }).catch((error: Error) => { if (!ended && error.name !== 'AbortError') fail(`The player could not start: ${error.message}`); });
  const timer = setInterval(() => see(look(video, hls)), 500);
  return () => {
    ended = true;
    clearInterval(timer);
    hls?.destroy();
    video.removeAttribute('src');
    video.load();
  };
}

function look(video: HTMLVideoElement, hls: Hls | undefined): Seen {
  const level = hls?.levels[hls.currentLevel];
  return {
    behind: hls?.playingDate ? serverTime() - hls.playingDate.getTime() / 1000 : null,
    quality: [video.videoHeight > 0 && `${video.videoWidth}×${video.videoHeight}`, level?.bitrate && bitRate(level.bitrate)].filter(Boolean).join(' '),
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
  };
}
