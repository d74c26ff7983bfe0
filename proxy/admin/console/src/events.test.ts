import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from './api';
import { gathered } from './events';

const event = (second: number, about: string, more: Partial<Event> = {}): Event =>
  ({ at: new Date(Date.UTC(2026, 10, 28, 12, 0, second)).toISOString(), count: 1, level: 'error', text: 'channel off air', code: 'not-found', about, path: 'master.m3u8', cause: '', ...more });

test('what happens to several at the same time is one line, with all of them', () => {
  const all = gathered([event(70, 'c'), event(50, 'b'), event(49, 'vod', { text: 'origin fails' }), event(20, 'a', { count: 3 }), event(5, 'd'), event(4, '', { text: 'listening' })]);
  assert.deepEqual(all.map((h) => [h.text, h.who, h.count]), [['channel off air', ['c', 'b', 'a'], 5], ['origin fails', ['vod'], 1], ['channel off air', ['d'], 1], ['listening', [], 1]]);
});

test('a stream beneath a mount is called by its address', () => {
  assert.deepEqual(gathered([event(1, 'live', { path: 'movie/master.m3u8' })])[0]!.who, ['live/movie/master.m3u8']);
});
