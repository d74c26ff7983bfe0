import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bitRate, bytes, countdown, duration, niceTop, perSecond, plural, preciseTime, timeOfDay, wait } from './format';

test('durations read as an operator says them', () => {
  assert.deepEqual([0.5, 10, 59.96, 60, 90, 3725].map(duration), ['0.5 s', '10 s', '59.9 s', '1:00', '1:30', '1:02:05']);
  assert.deepEqual([9.99, 0, -1, 65].map(countdown), ['0:09', '0:00', '0:00', '1:05']);
  assert.deepEqual([0, 12, 300, 7200, 200000].map(ago), ['just now', '12 s ago', '5 min ago', '2 h ago', '2 days ago']);
  assert.deepEqual([59, 86399, 129600, 1e9].map(wait), ['0:59', '23:59:59', '2 days', '11,574 days']);
  assert.equal(timeOfDay(Date.UTC(2026, 0, 1, 9, 8, 7) / 1000), '09:08:07');
  assert.equal(preciseTime(Date.UTC(2026, 0, 1, 9, 8, 7) / 1000 + 0.9996), '09:08:08.000');
});

test('the top of a chart is a round number that its values do not exceed', () => {
  assert.deepEqual([1, 1.1, 2.3, 3, 7, 10, 26, 50_000, 6_300_000].map(niceTop), [1, 2, 5, 5, 10, 10, 50, 50_000, 10_000_000]);
});

test('amounts have the unit that keeps them short', () => {
  assert.deepEqual([0, 999, 1500, 268435456].map(bytes), ['0 B', '999 B', '1.5 kB', '268 MB']);
  assert.deepEqual([0, 510400, 999600, 12_340_000].map(bitRate), ['0 kbit/s', '510 kbit/s', '1.0 Mbit/s', '12.3 Mbit/s']);
  assert.deepEqual([0, 2.34, 9.96, 1234].map(perSecond), ['0.0', '2.3', '10', '1,234']);
  assert.deepEqual([plural(1, 'stream'), plural(2000, 'stream')], ['1 stream', '2,000 streams']);
});
