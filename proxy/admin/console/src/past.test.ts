import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stream } from './api';
import { instant } from './loop';
import { addresses, items, onAir, reaches, startingAt } from './past';

const now = instant('2026-11-22T20:00:05.000Z');
const vod = { plays: [], now: '2026-11-22T20:00:05.000Z', next_loop: '2026-11-22T20:00:10.500Z', length_seconds: 8.25, dvr_seconds: 3600, epoch: '2026-11-22T19:30:00.000Z' } as unknown as Stream;
const channel = { ...vod, plays: [
  { start: '2026-11-22T19:40:00.120Z', end: '2026-11-22T20:10:00.000Z', vod: 'vod/film.m3u8', title: 'The film', break: '', in_seconds: 0, notices: [] },
  { start: '2026-11-22T20:10:00.000Z', end: '2026-11-22T20:11:00.000Z', vod: 'vod/ident.m3u8', title: '', break: '', in_seconds: 0, notices: [] },
] } as Stream;

test('a VOD has its loops as items, the last of them that at the instant, none before the first', () => {
  const all = items(vod);
  assert.equal(all.length, 5);
  assert.equal(items({ ...vod, epoch: '2026-11-22T19:59:54.000Z' }).length, 2);
  assert.deepEqual(all.at(-1), { name: '', start: '2026-11-22T20:00:02.250Z', end: '2026-11-22T20:00:10.500Z', notices: [] });
  for (const [n, item] of all.entries()) if (n > 0) assert.equal(item.start, all[n - 1]!.end);
});

test('a channel has its plays as items, by title or VOD, and breaks by this word', () => {
  assert.deepEqual(items(channel).map(({ name }) => name), ['The film', 'vod/ident.m3u8']);
  const filled = channel.plays.map((p, n) => ({ ...p, break: n > 0 ? 'b1' : '' }));
  assert.deepEqual(items({ ...channel, plays: filled }).map(({ name }) => name), ['The film', 'break']);
});

test('a channel has two items that have ended before the one on air, and no item after its last', () => {
  const minute = (n: number) => `2026-11-22T20:0${n}:00.000Z`;
  const plays = Array.from({ length: 9 }, (_, n) => ({ start: minute(n), end: minute(n + 1), vod: `vod/${n}`, title: '', break: '', in_seconds: 0, notices: [] }));
  const at = { ...vod, plays, now: minute(4) } as unknown as Stream;
  assert.equal(onAir(plays, instant(minute(4))), 4);
  assert.equal(onAir(plays, instant(minute(9))), -1);
  assert.deepEqual(items(at).map(({ name }) => name), ['vod/2', 'vod/3', 'vod/4', 'vod/5', 'vod/6', 'vod/7', 'vod/8']);
  assert.deepEqual(items({ ...at, plays: [], next_loop: null }), []);
});

test('what has begun has addresses to the edge and to its end, what comes has none', () => {
  const [film, ident] = items(channel);
  assert.deepEqual(addresses(channel, 'http://tv.test/kids/master.m3u8', film!, now), {
    restart: 'http://tv.test/kids/master.m3u8?start=2026-11-22T19:40:00.120Z',
    catchUp: 'http://tv.test/kids/master.m3u8?start=2026-11-22T19:40:00.120Z&end=2026-11-22T20:10:00.000Z',
  });
  assert.deepEqual(addresses(channel, 'x', ident!, now), { restart: '', catchUp: '' });
  const long = { ...film!, end: '2026-11-24T20:00:00.000Z' };
  assert.equal(addresses(channel, 'x', long, now).catchUp, '', 'an interval of more than a day is refused');
});

test('addresses reach back to the setting, and not beyond the first loop', () => {
  assert.ok(reaches(vod, now - 1800, now));
  assert.ok(!reaches(vod, now + 1, now));
  assert.ok(!reaches({ ...vod, dvr_seconds: 0 }, now - 1, now));
  assert.ok(!reaches({ ...vod, dvr_seconds: 60 }, now - 61, now));
  assert.ok(!reaches(vod, instant(vod.epoch) - 1, now));
  assert.equal(startingAt('x', ''), 'x');
});
