import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, post, streamPath, type Stream } from './api';
import type { Everything } from './main';
import { ago, bytes, count, duration, plural, span, timeOfDay, wait } from './format';
import { edges, instant } from './loop';
import { reaches, startingAt } from './past';
import { Copy, Finding, Said, State, useDeed, useTitle } from './parts';
import { Events } from './events';
import { OnAir } from './onair';
import { Player } from './player';
import { PlaylistText } from './playlist';
import { Programme } from './programme';
import { serverTime, usePoll, useSeconds } from './poll';
import { Renditions } from './renditions';
import { Ring } from './ring';
import { Timeline } from './timeline';
import { levelOf, wordsOf, type Verdict } from './verdict';

interface Props {
  id: string;
  everything: Everything;
  judged: Verdict;
  again: () => void;
}

// pause lasts until the window changes next, so that the drawing steps when the playlists do.
function pause(s?: Stream): number {
  const next = s ? instant(s.next_change) - serverTime() : 1;
  return 1000 * Math.min(Math.max(next + 0.03, 0.25), 1);
}

export function StreamPage({ id, everything, judged, again }: Props) {
  const [at, setAt] = useState(''); // an instant as RFC 3339; empty: now
  const query = at && `?at=${encodeURIComponent(at)}`;
  const { value, error, gone, again: reload } = usePoll(`${id} ${at}`, (signal) => ask<Stream>(streamPath(id) + query, { signal }), (s) => (at ? 60_000 : pause(s)));
  const last = useRef<Stream | null>(null);
  if (value || gone) last.current = value ?? null;
  const stream = value ?? last.current ?? undefined; // the previous one, until the requested one has come
  const known = useRef('');
  known.current = stream?.address ?? everything.streams.streams.find((s) => s.id === id)?.address ?? known.current;
  const address = known.current;
  useTitle(judged, address);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main>
      <nav class="back" aria-label="Pages">
        <a href="#/">All streams</a>
        <State level={judged.level}>{judged.title}</State>
      </nav>
      <h1 ref={heading} tabIndex={-1} class="address">{address || 'Stream'}</h1>
      {error && <p class="said bad" role="alert">{error}{gone && `. ${hint}`}</p>}
      {stream && <Whole stream={stream} at={at} setAt={setAt} base={everything.base} again={() => { reload(); again(); }} />}
    </main>
  );
}

const hint = 'It was dropped, or removed from memory for others. A viewer request loads it again.';

interface WholeProps {
  stream: Stream;
  at: string;
  setAt: (at: string) => void;
  base: string;
  again: () => void;
}

function Whole({ stream, at, setAt, base, again }: WholeProps) {
  const frozen = at ? instant(stream.now) : undefined;
  const from = at && reaches(stream, instant(at), serverTime()) ? at : '';
  return (
    <>
      <Actions stream={stream} base={base} again={again} />
      <Problems stream={stream} />
      <div class="watch">
        <Player address={startingAt(base + stream.address, from)} from={from} has_query={stream.has_query} />
        {stream.plays.length > 0 || !stream.next_loop ? <OnAir stream={stream} frozen={frozen} /> : <Ring stream={stream} frozen={frozen} />}
        <Facts stream={stream} />
      </div>
      <section class="panel" aria-labelledby="window">
        <div class="heading">
          <h2 id="window">Live window</h2>
          <span class="quiet">{inStep(stream)}</span>
          <AtInstant at={at} setAt={setAt} />
        </div>
        {stream.begins_in_seconds > 0
          ? <p class="empty">The first playlist is available at {utc(instant(stream.now) + stream.begins_in_seconds)}. Earlier requests get 503 with Retry-After.</p>
          : <Timeline stream={stream} frozen={frozen} />}
      </section>
      {(stream.dvr_seconds > 0 || stream.plays.length > 0) && <Programme stream={stream} address={base + stream.address} frozen={frozen} setAt={setAt} />}
      <Renditions stream={stream} base={base} />
      <Events mount={stream.mount} path={stream.address.slice(stream.mount.length + 2)} />
      <PlaylistText stream={stream} at={at} />
    </>
  );
}

const utc = (seconds: number) => `${new Date(Math.round(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function inStep({ media_renditions: renditions }: Stream): string {
  const all = edges(renditions);
  if (!all || renditions.length < 2) return '';
  return all.apart < 0.001 ? 'all renditions end at the same instant' : `renditions end within ${all.apart.toFixed(all.apart < 0.1 ? 3 : 1)} s of each other`;
}

const outcomes: Record<string, string> = {
  unchanged: 'The origin still has the same VOD.',
  changed: 'The origin has another version of the VOD.',
  gone: 'The origin no longer has the VOD.',
  failed: 'The request to the origin failed. The stream continues.',
};

function Actions({ stream, base, again }: { stream: Stream; base: string; again: () => void }) {
  const [deed, run] = useDeed();
  const [sure, setSure] = useState(false); // the button asks back before it drops
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), [sure]);
  const reload = () => run(async () => {
    const { outcome } = await post<{ outcome: string }>(`${streamPath(stream.id)}/reload`);
    again();
    return outcomes[outcome] ?? outcome;
  });
  const drop = () => run(async () => {
    setSure(false);
    await post(`${streamPath(stream.id)}/drop`);
    if (stream.channel) again();
    else location.hash = '#/';
    return 'Dropped. The channel is being loaded again.';
  });
  return (
    <section class="actions" aria-label="Address and actions">
      <Copy text={base + stream.address} label="Player address" />
      <button type="button" disabled={deed.busy} onClick={reload}>Reload from origin</button>
      {sure
        ? (
          <span class="sure" role="group" aria-label="Drop this stream?">
            <span>{stream.channel ? 'Drop it? It is loaded again at once; viewers get errors until then.' : 'Drop it? The next viewer request loads it again.'}</span>
            <button type="button" class="danger" disabled={deed.busy} onClick={drop}>Drop it</button>
            <button type="button" ref={keep} onClick={() => setSure(false)}>Keep</button>
          </span>
        )
        : <button type="button" disabled={deed.busy} onClick={() => setSure(true)}>Drop…</button>}
      <Said deed={deed} />
    </section>
  );
}

function Problems({ stream }: { stream: Stream }) {
  return (
    <ul class="problems" aria-live="polite" aria-label="Problems of this stream">
      {stream.problems.map((p) => (
        <li key={`${p.code} ${p.rendition} ${p.text}`} class={p.severity}>
          <Finding p={p} />
        </li>
      ))}
    </ul>
  );
}

function Facts({ stream: s }: { stream: Stream }) {
  const now = useSeconds();
  const since = (text: string | null) => (text ? ago(Math.max(0, now - instant(text))) : 'never');
  const lists = s.plays.length > 0;
  const facts: [string, string | number][] = [
    ['Viewers', `about ${count(s.viewers)}`],
    [lists ? 'Item on air' : 'Loop', duration(s.length_seconds)],
    ['Window', `${duration(s.window_seconds)}${!lists && s.window_seconds > s.length_seconds ? `, ${(s.window_seconds / s.length_seconds).toFixed(1)} loops` : ''}`],
    ['Target duration', `${s.target_duration_seconds} s`],
    ['Media sequence', count(s.media_sequence)],
    ['Discontinuity sequence', count(s.discontinuity_sequence)],
    [s.begins_in_seconds > 0 ? 'First loop starts' : 'First loop started', utc(instant(s.epoch))],
    [lists ? 'Model' : 'VOD', `${s.origin}: ${s.vod}${s.has_query ? ', with a query' : ''}`],
    ...(s.confirmed ? [['Confirmed at the origin', since(s.confirmed)] as [string, string]] : []),
    ['Last request', since(s.used)],
    ['Memory', bytes(s.bytes)],
    ...(s.dvr_seconds > 0 ? [['DVR', span(s.dvr_seconds)] as [string, string]] : []),
    ...(s.forms > 1 ? [['Viewer queries', `${count(s.forms)}, with ${plural(s.texts, 'playlist text')}`] as [string, string]] : []),
    ...(s.era > 0 ? [['Era', s.era] as [string, number]] : []),
    ...(s.next_era ? [['Edited VOD takes over', timeOfDay(instant(s.next_era))] as [string, string]] : []),
  ];
  return (
    <section class="panel facts" aria-labelledby="facts">
      <div class="heading"><h2 id="facts">Facts</h2><State level={levelOf(s, now)}>{s.begins_in_seconds > 0 ? `starts in ${wait(s.begins_in_seconds)}` : wordsOf(s, now)}</State></div>
      <dl>{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  );
}

// AtInstant selects the instant at which the stream is shown.
function AtInstant({ at, setAt }: { at: string; setAt: (at: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null); // not requested yet: each digit of a year makes a valid instant
  const set = (value: string) => setAt(value && `${value.length === 16 ? `${value}:00` : value}Z`);
  const done = () => {
    if (typed !== null) set(typed);
    setTyped(null);
  };
  return (
    <span class="instant">
      <label>At <input type="datetime-local" step="1" value={typed ?? at.slice(0, 19)}
        onInput={(e) => setTyped(e.currentTarget.value)} onBlur={done} onKeyDown={(e) => { if (e.key === 'Enter') done(); }} /> UTC</label>
      {at
        ? <button type="button" onClick={() => setAt('')}>Back to now</button>
        : <button type="button" onClick={() => setAt(`${new Date(serverTime() * 1000).toISOString().slice(0, 19)}Z`)}>Hold</button>}
    </span>
  );
}
