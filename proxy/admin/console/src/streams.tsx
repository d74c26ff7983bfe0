import { useState } from 'preact/hooks';
import { ask, type OffAir, type StreamList, type Summary } from './api';
import type { Everything } from './main';
import { count, countdown, duration, span, wait } from './format';
import { instant, position, untilLoopPoint } from './loop';
import { State } from './parts';
import { usePoll, useSeconds } from './poll';
import { levelOf, wordsOf, type Level } from './verdict';

const few = 30; // rows at first
const more = 200; // rows that “Show more” adds

type Order = 'trouble' | 'address' | 'viewers';

// Kind is a state by which the list is filtered.
type Kind = 'off' | Level;

const kinds: [kind: Kind, name: string][] = [['off', 'Off air'], ['failing', 'Failing'], ['warning', 'Warnings'], ['unknown', 'Unknown'], ['healthy', 'Healthy']];

// Entry is a row: a stream on air, or a channel that is not.
interface Entry {
  kind: Kind;
  address: string;
  channel: boolean;
  viewers: number;
  s?: Summary;
  off?: OffAir;
}

const rank = (e: Entry) => kinds.findIndex(([kind]) => kind === e.kind);

const orders: Record<Order, (a: Entry, b: Entry) => number> = {
  trouble: (a, b) => rank(a) - rank(b) || Number(b.channel) - Number(a.channel) || orders.address(a, b),
  address: (a, b) => a.address.localeCompare(b.address, 'en', { numeric: true }),
  viewers: (a, b) => b.viewers - a.viewers || orders.address(a, b),
};

// matches looks for every word of the search, as the server does.
export const matches = (s: Summary, search: string) => has([s.address, s.vod], [s.origin, ...s.problems.map((p) => p.code)], search);

// has reports whether each word of the search is in one of the texts, ignoring case. Addresses match escaped and unescaped.
function has(addresses: string[], others: string[], search: string): boolean {
  const text = [...addresses, ...addresses.map(unescaped), ...others].join(' ').toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export function unescaped(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch { // not UTF-8
    return address;
  }
}

// entriesOf are the rows that match a search.
export function entriesOf(streams: Summary[], offAir: OffAir[], search: string, now: number): Entry[] {
  return [
    ...offAir.filter((c) => has([c.address, c.vod], [c.origin, c.code, 'off air'], search)).map((off) => ({ kind: 'off' as const, address: off.address, channel: true, viewers: 0, off })),
    ...streams.filter((s) => matches(s, search)).map((s) => ({ kind: levelOf(s, now), address: s.address, channel: s.channel, viewers: s.viewers, s })),
  ];
}

export function Streams({ everything: { streams: list, status }, search, setSearch }: { everything: Everything; search: string; setSearch: (search: string) => void }) {
  const [order, setOrder] = useState<Order>('trouble');
  const [only, setOnly] = useState<Kind | null>(null);
  const [most, setMost] = useState(few);
  const now = useSeconds();
  const beyond = search !== '' && list.total > list.streams.length; // the server searches the streams that are not listed here
  const asked = usePoll(`streams ${beyond ? search : ''}`, async (signal) => (beyond ? ask<StreamList>(`/api/streams?search=${encodeURIComponent(search.trim())}`, { signal }) : undefined), () => 2000);
  const from = beyond ? asked.value : list;
  const found = entriesOf(from?.streams ?? [], list.off_air, search, now);
  const rows = found.filter((e) => only === null || e.kind === only).sort(orders[order]);
  const told = instant((from ?? list).now);
  const sorted = (column: Order) => ({ 'aria-sort': order === column ? (column === 'viewers' ? 'descending' as const : 'ascending' as const) : undefined });
  const sort = (column: Order, name: string) => <button type="button" class="sort" onClick={() => setOrder(column)}>{name}</button>;
  return (
    <section class="panel" aria-labelledby="streams">
      <div class="heading">
        <h2 id="streams">Streams</h2>
        <span class="quiet" role="status">{beyond ? `${count(asked.value?.total ?? 0)} of ${count(list.total)}` : said(found.length, list)}</span>
        <input type="search" placeholder="Search" aria-label="Search streams" value={search} onInput={(e) => setSearch(e.currentTarget.value)} />
      </div>
      <Filter found={found} only={only} setOnly={setOnly} />
      <table class="streams">
        <thead>
          <tr>
            <th scope="col" {...sorted('trouble')}>{sort('trouble', 'State')}</th>
            <th scope="col" {...sorted('address')}>{sort('address', 'Stream')}</th>
            <th scope="col" class="number" {...sorted('viewers')}>{sort('viewers', 'Viewers')}</th>
            <th scope="col">Loop</th>
            <th scope="col" class="number">Loop point in</th>
            <th scope="col">Origin</th>
          </tr>
        </thead>
        <tbody>{rows.slice(0, most).map((e) => (e.off ? <Off key={e.address} c={e.off} now={now} /> : <Row key={e.s!.id} s={e.s!} now={now} told={told} />))}</tbody>
      </table>
      {rows.length === 0 && <p class="empty">{status ? nothing(search || only) : ''}</p>}
      {rows.length > most && <button type="button" onClick={() => setMost(most + more)}>Show {count(Math.min(more, rows.length - most))} more</button>}
    </section>
  );
}

// Filter limits the list to one state. It has a button for each state that occurs.
function Filter({ found, only, setOnly }: { found: Entry[]; only: Kind | null; setOnly: (kind: Kind | null) => void }) {
  const amounts = kinds.map(([kind, name]) => ({ kind, name, n: found.filter((e) => e.kind === kind).length })).filter(({ kind, n }) => n > 0 || kind === only);
  if (amounts.length < 2 && only === null) return null;
  const one = (kind: Kind | null, name: string, n: number) => (
    <button key={name} type="button" aria-pressed={only === kind} onClick={() => setOnly(only === kind ? null : kind)}>{name} <span class="quiet">{count(n)}</span></button>
  );
  return (
    <div class="filter" role="group" aria-label="State of streams">
      {one(null, 'All', found.length)}
      {amounts.map(({ kind, name, n }) => one(kind, name, n))}
    </div>
  );
}

function said(found: number, { streams, off_air, total }: StreamList): string {
  if (total > streams.length) return `the worst and the most recently used, ${count(streams.length)} of ${count(total)}`;
  const all = streams.length + off_air.length;
  return found === all ? count(found) : `${count(found)} of ${count(all)}`;
}

const nothing = (wish: string | null) => (wish ? 'No loaded stream matches. A stream is loaded at the first viewer request.' : 'No stream is loaded. A viewer request loads a stream, and so does “Load” on this page.');

// Off is a channel that is not loaded.
function Off({ c, now }: { c: OffAir; now: number }) {
  return (
    <tr>
      <td><State level={c.error ? 'failing' : 'unknown'}>{c.error ? `off air ${c.since ? span(now - instant(c.since)) : ''}` : 'loading'}</State></td>
      <th scope="row"><a href={`#/stream/${c.id}`}>{c.address}</a><span class="tags"><span>channel</span></span></th>
      <td colSpan={3} class={c.error ? 'cause bad' : 'cause quiet'} title={c.error}>{c.cause || 'Loading.'}</td>
      <td data-name="Origin">{c.origin}</td>
    </tr>
  );
}

// Row is a stream as it was at the instant told, with clocks that keep running.
function Row({ s, now, told }: { s: Summary; now: number; told: number }) {
  const point = s.next_loop ? instant(s.next_loop) : 0;
  const waiting = s.begins_in_seconds > 0;
  const moves = !waiting && s.next_loop;
  const since = s.problems[0]?.since;
  return (
    <tr>
      <td><State level={levelOf(s, now)}>{wordsOf(s, now)}{since && ` ${span(now - instant(since))}`}</State></td>
      <th scope="row">
        <a href={`#/stream/${s.id}`}>{s.address}</a>
        <span class="tags">{s.channel && <span>channel</span>}{s.has_query && <span>with a query</span>}{s.era > 0 && <span>era {s.era}</span>}</span>
      </th>
      <td class="number" data-name="Viewers">{count(s.viewers)}</td>
      <td data-name="Loop">
        {moves && <span class="meter" aria-hidden="true"><span style={{ transform: `scaleX(${(position(now, point, s.length_seconds) / s.length_seconds).toFixed(4)})` }} /></span>}
        <span class="length">{duration(s.length_seconds)}</span>
      </td>
      <td class="number" data-name={moves ? 'Loop point in' : ''}>
        {waiting ? `starts in ${wait(told + s.begins_in_seconds - now)}` : moves ? countdown(untilLoopPoint(now, point, s.length_seconds)) : 'ended'}
      </td>
      <td data-name="Origin">{s.origin}</td>
    </tr>
  );
}
