import { useState } from 'preact/hooks';
import { ask, type OffAir, type StreamList, type Summary } from './api';
import type { Everything } from './main';
import { count, countdown, duration, wait } from './format';
import { instant, position, untilLoopPoint } from './loop';
import { State } from './parts';
import { usePoll, useSeconds } from './poll';
import { levelOf, stateTexts } from './verdict';

const few = 30; // rows that are drawn at first
const more = 200; // and when more are asked for

type Order = 'trouble' | 'address' | 'viewers';

const severity = { failing: 0, warning: 1, unknown: 2, well: 3 };

const orders: Record<Order, (a: Summary, b: Summary) => number> = {
  trouble: (a, b) => severity[levelOf(a)] - severity[levelOf(b)] || Number(b.channel) - Number(a.channel) || orders.address(a, b),
  address: (a, b) => a.address.localeCompare(b.address, 'en', { numeric: true }),
  viewers: (a, b) => b.viewers - a.viewers || orders.address(a, b),
};

// matches looks for every word of the search, as the server does.
export const matches = (s: Summary, search: string) => has([s.address, s.vod], [s.origin, ...s.problems.map((p) => p.code)], search);

// has says whether every word is in something, in any case, or in one of the addresses, escaped or not.
function has(addresses: string[], others: string[], search: string): boolean {
  const text = [...addresses, ...addresses.map(unescaped), ...others].join(' ').toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export function unescaped(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch { // it is no UTF-8
    return address;
  }
}

export function Streams({ everything: { streams: list, status } }: { everything: Everything }) {
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState<Order>('trouble');
  const [most, setMost] = useState(few);
  const now = useSeconds();
  const beyond = search !== '' && list.total > list.streams.length; // what is not listed has to be asked for
  const asked = usePoll(`streams ${beyond ? search : ''}`, async (signal) => (beyond ? ask<StreamList>(`/api/streams?search=${encodeURIComponent(search.trim())}`, { signal }) : undefined), () => 2000);
  const found = (beyond ? asked.value?.streams ?? [] : list.streams.filter((s) => matches(s, search))).sort(orders[order]);
  const offAir = list.off_air.filter((c) => has([c.address, c.vod], [c.origin, c.code, 'off air'], search));
  const sorted = (column: Order) => ({ 'aria-sort': order === column ? (column === 'viewers' ? 'descending' as const : 'ascending' as const) : undefined });
  const sort = (column: Order, name: string) => <button type="button" class="sort" onClick={() => setOrder(column)}>{name}</button>;
  return (
    <section class="panel" aria-labelledby="on-air">
      <div class="heading">
        <h2 id="on-air">On air</h2>
        <span class="quiet" role="status">{beyond ? `${count(asked.value?.total ?? 0)} of ${count(list.total)}` : said(found.length, list.streams.length, list.total)}</span>
        <input type="search" placeholder="Search" aria-label="Search streams" value={search} onInput={(e) => setSearch(e.currentTarget.value)} />
      </div>
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
        <tbody>
          {offAir.map((c) => <Off key={c.channel} c={c} />)}
          {found.slice(0, most).map((s) => <Row key={s.id} s={s} now={now} told={instant((beyond && asked.value || list).now)} />)}
        </tbody>
      </table>
      {found.length + offAir.length === 0 && <p class="empty">{status ? nothing(search) : ''}</p>}
      {found.length > most && <button type="button" onClick={() => setMost(most + more)}>Show {count(Math.min(more, found.length - most))} more</button>}
    </section>
  );
}

function said(found: number, listed: number, total: number): string {
  if (total > listed) return `the worst and those used last, ${count(listed)} of ${count(total)}`;
  return found === listed ? count(found) : `${count(found)} of ${count(listed)}`;
}

const nothing = (search: string) => (search ? `No stream on air matches “${search}”. Streams that nobody has asked for are not loaded.` : 'Nothing is loaded. A stream is loaded when a viewer asks for it, or by “Load” on this page.');

// Off is a channel that is not loaded.
function Off({ c }: { c: OffAir }) {
  return (
    <tr>
      <td><State level={c.error ? 'failing' : 'unknown'}>{c.error ? 'off air' : 'loading'}</State></td>
      <th scope="row">{c.address}<span class="tags"><span>channel</span></span></th>
      <td colSpan={3} class={c.error ? 'bad' : 'quiet'}>{c.error || 'It is being loaded.'} <code>{c.code}</code></td>
      <td data-name="Origin">{c.origin}</td>
    </tr>
  );
}

// Row is a stream as it was at the instant that was told of, with clocks that go on.
function Row({ s, now, told }: { s: Summary; now: number; told: number }) {
  const level = levelOf(s);
  const point = s.next_loop ? instant(s.next_loop) : 0;
  const waiting = s.begins_in_seconds > 0;
  const moves = !waiting && s.next_loop;
  return (
    <tr>
      <td><State level={level}>{waiting ? 'not begun' : s.state === 'ok' && level !== 'well' ? s.problems[0]!.code : stateTexts[s.state]}</State></td>
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
        {waiting ? `begins in ${wait(told + s.begins_in_seconds - now)}` : moves ? countdown(untilLoopPoint(now, point, s.length_seconds)) : 'ended'}
      </td>
      <td data-name="Origin">{s.origin}</td>
    </tr>
  );
}
