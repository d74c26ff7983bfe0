import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from './api';
import { add, rates, recentRate, rise, sample, type Sample } from './samples';

const at = (seconds: number, served: number): Sample =>
  ({ at: seconds, served, refused: 0, failed: 0, bytes: served * 10, originOK: 0, originFailed: 0, hit: 0, miss: 0 });

test('a sample takes what the API has, and nothing for what it has not', () => {
  const status = {
    now: '2026-01-01T00:00:00.000Z',
    totals: { requests: {}, responses: { '2xx': 5, '3xx': 2, '5xx': 1 }, response_bytes: 70, origin_requests: { ok: 3 }, cache: { hit: 4, miss: 1, wait: 2 }, segment_cache: {} },
  } as unknown as Status;
  const { at: instant, ...counted } = sample(status);
  assert.equal(instant, Date.UTC(2026, 0, 1) / 1000);
  assert.deepEqual(counted, { served: 7, refused: 0, failed: 1, bytes: 70, originOK: 3, originFailed: 0, hit: 4, miss: 3 });
});

test('rates are rises over the time between samples', () => {
  assert.deepEqual(rates([at(0, 0), at(2, 10), at(6, 10)], 'served'), [5, 0]);
  assert.deepEqual(rates([at(0, 0)], 'served'), []);
});

test('samples older than ten minutes go, and all go when the counters begin anew', () => {
  let samples: Sample[] = [];
  for (let i = 0; i <= 700; i += 2) samples = add(samples, at(i, i));
  assert.deepEqual([samples[0]!.at, samples.at(-1)!.at], [100, 700]);
  assert.equal(add(samples, at(700, 700)), samples, 'one of the same instant tells nothing');
  assert.deepEqual(add(samples, at(702, 3)), [at(702, 3)]);
});

test('the recent rate is over ten seconds, and needs two samples', () => {
  assert.equal(recentRate([], 'served'), 0);
  assert.equal(recentRate([at(0, 9)], 'served'), 0);
  assert.equal(recentRate([at(0, 0), at(20, 1000), at(25, 1000), at(30, 1050)], 'served'), 5);
  assert.deepEqual(rise([at(0, 0), at(20, 1000), at(30, 1050)], 'served', 60), { by: 1050, over: 30 });
});
