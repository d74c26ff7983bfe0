import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type CacheState, type Origin, type Settings, type Status, type StreamList } from './api';
import { OffAirPage } from './offair';
import { Overview } from './overview';
import { hear, pageTime, serverTime, useFrames, usePoll } from './poll';
import { add, rise, sample, type Sample } from './samples';
import { StreamPage } from './stream';
import { timeOfDay } from './format';
import { viewersBase } from './viewers';
import { verdict } from './verdict';
import './style.css';

// Everything is the data of all pages.
export interface Everything {
  status?: Status;
  streams: StreamList;
  origins: Origin[];
  cache?: CacheState;
  base: string; // of player addresses, without a slash at its end
  samples: Sample[];
}

const noStreams: StreamList = { now: '', total: 0, viewers: 0, origins: {}, troubled: 0, streams: [], off_air: [] };

// useRoute is the page in the address: of a stream, or else the overview.
function useRoute(): { stream: string | null } {
  const read = () => /^#\/stream\/([0-9a-f]+)$/.exec(location.hash)?.[1] ?? null;
  const [stream, setStream] = useState(read);
  useEffect(() => {
    const changed = () => setStream(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return { stream };
}

async function load(signal: AbortSignal) {
  const asked = pageTime();
  const status = await ask<Status>('/api/status', { signal });
  hear(status.now, asked, pageTime());
  const [streams, origins, cache] = await Promise.all([
    ask<StreamList>('/api/streams', { signal }),
    ask<{ origins: Origin[] }>('/api/origins', { signal }),
    ask<CacheState>('/api/cache', { signal }),
  ]);
  return { status, streams, origins: origins.origins, cache };
}

function App() {
  const { stream } = useRoute();
  const settings = usePoll('config', (signal) => ask<Settings>('/api/config', { signal }), () => 60_000);
  const all = usePoll('all', load, () => 2000);
  const samples = useRef<Sample[]>([]);
  if (all.value) samples.current = add(samples.current, sample(all.value.status));
  const everything: Everything = {
    ...(all.value ?? { streams: noStreams, origins: [] }),
    base: viewersBase(all.value?.status.viewers_address, settings.value),
    samples: samples.current,
  };
  const judged = verdict({
    error: all.error,
    status: all.value?.status,
    list: everything.streams,
    origins: everything.origins,
    now: serverTime(),
    failedRequests: rise(samples.current, 'failed', 60).by,
  });
  const off = everything.streams.off_air.find((c) => c.id === stream);
  return (
    <>
      <header class="top">
        <a class="wordmark" href="#/">vod2live</a>
        <span class="quiet version">{all.value?.status.version}</span>
        <Clock />
      </header>
      {off && <OffAirPage key={off.id} c={off} everything={everything} judged={judged} />}
      {!off && (!stream || all.value || all.error) && (stream
        ? <StreamPage key={stream} id={stream} everything={everything} judged={judged} again={all.again} />
        : <Overview everything={everything} judged={judged} again={all.again} />)}
    </>
  );
}

// Clock shows the server's time, which the playlists follow.
function Clock() {
  const text = useRef<HTMLTimeElement>(null);
  useFrames((now) => {
    const time = `${timeOfDay(now)} UTC`;
    if (text.current && text.current.textContent !== time) text.current.textContent = time;
  });
  return <time class="clock" ref={text} aria-label="The server’s clock">{timeOfDay(serverTime())} UTC</time>;
}

render(<App />, document.getElementById('app')!);
