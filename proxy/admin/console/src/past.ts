// What was on, and the addresses of players that show it again. Instants are seconds since 1970.
import type { Stream } from './api';
import { instant } from './loop';

// Item is a play of an item of a channel, or a loop of a VOD.
export interface Item {
  name: string; // empty: it is the VOD's loop
  start: string;
  end: string;
}

export const listed = 10; // plays of a channel
const loops = 5;
const longest = 24 * 3600; // that an interval may be

const at = (seconds: number) => new Date(Math.round(seconds * 1000)).toISOString();

// items of a channel are the one on air at the instant that the stream is shown of, and those after it; of a VOD the loop
// then, and those before it.
export function items(s: Stream): Item[] {
  if (s.plays.length > 0) return s.plays.slice(0, listed).map((p) => ({ name: p.title || p.vod, start: p.start, end: p.end }));
  const next = instant(s.next_loop);
  return Array.from({ length: loops }, (_, n) => n - loops + 1).map((n) => ({ name: '', start: at(next + (n - 1) * s.length_seconds), end: at(next + n * s.length_seconds) }))
    .filter(({ start }) => instant(start) >= instant(s.epoch));
}

// reaches reports whether addresses may go back to an instant. They go to the stream's first at most.
export const reaches = (s: Stream, from: number, now: number) => from <= now && from >= now - s.dvr_seconds && from >= instant(s.epoch);

// startingAt is the address of a stream from an instant on; empty: the live one.
export const startingAt = (address: string, from: string) => (from ? `${address}?start=${from}` : address);

export interface Addresses {
  restart: string; // to the live edge; empty: not now
  catchUp: string; // to the item's end; empty likewise
}

// addresses of an item, where its start is within reach.
export function addresses(s: Stream, address: string, item: Item, now: number): Addresses {
  if (!reaches(s, instant(item.start), now)) return { restart: '', catchUp: '' };
  const restart = startingAt(address, item.start);
  return { restart, catchUp: instant(item.end) - instant(item.start) <= longest ? `${restart}&end=${item.end}` : '' };
}
