// Numbers, instants and places as an operator reads them.
import type { Problem } from './api';

export const count = (n: number) => Math.round(n).toLocaleString('en');

export const perSecond = (n: number) => (n < 9.95 ? n.toFixed(1) : count(n));

// niceTop is the next round number: 1, 2 or 5 times a power of ten, so that its half is round, too.
export function niceTop(most: number): number {
  const tens = 10 ** Math.floor(Math.log10(most));
  return tens * ([1, 2, 5].find((n) => n * tens >= most * 0.999_999) ?? 10);
}

export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1000;
  return `${n < 10 && unit > 0 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

export const bitRate = (bitsPerSecond: number) =>
  bitsPerSecond >= 999_500 ? `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bitsPerSecond / 1000)} kbit/s`;

// duration is a length: 9.6 s, 59 s, 12:05, 1:02:05.
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds * 10) / 10} s`;
  return countdown(seconds);
}

// countdown has a constant form, so that its width does not jump: 0:09, 12:05, 1:02:05.
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

// wait is a countdown, or a number of days.
export const wait = (seconds: number) => (seconds < 86400 ? countdown(seconds) : span(seconds));

// ago is the time since something: just now, 12 s ago, 5 min ago, 3 h ago, 2 days ago.
export function ago(seconds: number): string {
  if (seconds < 2) return 'just now';
  return `${span(seconds)} ago`;
}

export function span(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${count(seconds / 86400)} days`;
}

// timeOfDay in UTC, as playlists have it.
export const timeOfDay = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19);

// preciseTime is timeOfDay to the millisecond.
export const preciseTime = (seconds: number) => new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23);

export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

// where names the rendition of a problem by its number, kind, name and address, as `vod2live check` does.
export function where(p: Problem): string {
  if (p.rendition === null) return '';
  return [`Rendition ${p.rendition}`, [p.kind === 'media' ? '' : p.kind, p.name && `“${p.name}”`].filter(Boolean).join(' '), p.source].filter(Boolean).join(', ') + ': ';
}
