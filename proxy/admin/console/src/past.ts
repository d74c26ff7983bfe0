// Past items, and the addresses that replay them. Instants are seconds since 1970.
import type { Play, Problem, Stream } from './api';
import { instant } from './loop';

// Item is a play of an item of a channel, or a loop of a VOD.
export interface Item {
  name: string; // empty: it is the VOD's loop
  start: string;
  end: string;
  notices: Problem[];
}

const listed = 12; // plays of a channel
const ended = 2; // of them, before the one on air
const loops = 5;
const longest = 24 * 3600; // seconds, of an interval

const at = (seconds: number) => new Date(Math.round(seconds * 1000)).toISOString();

export const nameOf = (p: Play) => (p.break ? 'break' : p.title || p.vod);

// onAir is the index of the play at an instant; -1: none.
export const onAir = (plays: { start: string; end: string }[], now: number) => plays.findIndex((p) => instant(p.start) <= now && now < instant(p.end));

// items of a channel are the one on air at the instant shown, a few before and more after it; of a VOD the loop
// at that instant and those before it.
export function items(s: Stream): Item[] {
  const first = Math.max(onAir(s.plays, instant(s.now)) - ended, 0);
  if (s.plays.length > 0) return s.plays.slice(first, first + listed).map((p) => ({ name: nameOf(p), start: p.start, end: p.end, notices: p.notices }));
  if (!s.next_loop) return [];
  const next = instant(s.next_loop);
  return Array.from({ length: loops }, (_, n) => n - loops + 1)
    .map((n) => ({ name: '', start: at(next + (n - 1) * s.length_seconds), end: at(next + n * s.length_seconds), notices: [] }))
    .filter(({ start }) => instant(start) >= instant(s.epoch));
}

// reaches reports whether addresses may go back to an instant, which is not before the start of the stream.
export const reaches = (s: Stream, from: number, now: number) => from <= now && from >= now - s.dvr_seconds && from >= instant(s.epoch);

// startingAt is the address of a stream from an instant on; empty: the live one.
export const startingAt = (address: string, from: string) => (from ? `${address}?start=${from}` : address);

export interface Addresses {
  restart: string; // to the live edge; empty: not now
  catchUp: string; // to the item's end; empty: not now
}

// addresses of an item, where its start is within reach.
export function addresses(s: Stream, address: string, item: Item, now: number): Addresses {
  if (!reaches(s, instant(item.start), now)) return { restart: '', catchUp: '' };
  const restart = startingAt(address, item.start);
  return { restart, catchUp: instant(item.end) - instant(item.start) <= longest ? `${restart}&end=${item.end}` : '' };
}
