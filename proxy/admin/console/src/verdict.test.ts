import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OffAir, Origin, Problem, Status, StreamList, Summary } from './api';
import { levelOf, verdict } from './verdict';

const status = { ready: true } as Status;
const stream = (id: string, more: Partial<Summary> = {}) => ({ id, address: `/live/${id}.m3u8`, origin: 'vod', state: 'ok', problems: [], ...more }) as unknown as Summary;
const origin = (more: Partial<Origin> = {}) => ({ name: 'vod', state: 'ok', places: [{ state: 'ok' }], last_error: null, ...more }) as unknown as Origin;
const problem = (severity: Problem['severity'], code: string): Problem => ({ severity, code, rendition: null, kind: '', name: '', source: '', link: '', text: `it is ${code}`, advice: 'mend it' });
const listed = (streams: Summary[], more: Partial<StreamList> = {}): StreamList => ({
  now: '', total: streams.length, viewers: 0, origins: { vod: streams.length }, troubled: streams.filter((s) => s.problems.length > 0).length, streams, off_air: [], ...more,
});
const seen = { status, list: listed([]), origins: [origin()], failedRequests: 0 };

test('nothing wrong is well', () => {
  assert.deepEqual(verdict({ ...seen, list: listed([stream('a', { problems: [] })]) }), { level: 'well', title: 'All is well', troubles: [] });
});

test('an origin that fails comes first, and its streams do not say it again', () => {
  const streams = ['a', 'b'].map((id) => stream(id, { state: 'stale', problems: [problem('warning', 'origin-fails'), problem('warning', 'short-loop')] }));
  const { level, title, troubles } = verdict({ ...seen, list: listed(streams, { origins: { vod: 1100 } }), origins: [origin({ state: 'failing', last_error: 'connection refused' })], failedRequests: 3 });
  assert.deepEqual([level, title], ['failing', '1 thing is failing']);
  assert.deepEqual(troubles.map((t) => t.text), ['Origin vod fails: connection refused.', '3 requests of viewers failed in the last minute.', 'it is short-loop']);
  assert.match(troubles[0]!.advice, /1,100 loaded streams of it play on/);
});

test('a channel that is not loaded is off air, whatever its origin says', () => {
  const off = { channel: 'news', origin: 'vod', vod: 'a.m3u8', code: 'no-endlist', error: 'no EXT-X-ENDLIST' } as OffAir;
  const { level, title, troubles } = verdict({ ...seen, list: listed([], { off_air: [{ ...off, channel: 'sport', code: 'loading', error: '' }, off] }) });
  assert.deepEqual([level, title], ['failing', '1 thing is failing']);
  assert.deepEqual(troubles.map((t) => [t.level, t.text]), [
    ['failing', 'Channel news is off air: no EXT-X-ENDLIST.'], ['warning', 'Channel sport is off air: it is being loaded.'],
  ]);
});

test('one of several addresses that fails is a warning', () => {
  const { level, troubles } = verdict({ ...seen, origins: [origin({ places: [{ state: 'ok' }, { state: 'paused' }] as Origin['places'] })] });
  assert.equal(level, 'warning');
  assert.equal(troubles[0]!.text, '1 of 2 addresses of origin vod fails.');
});

test('equal problems of many streams are told once, with all their streams', () => {
  const streams = ['a', 'b', 'c'].map((id) => stream(id, { problems: [problem('warning', 'short-loop')] }));
  const { title, troubles } = verdict({ ...seen, list: listed(streams) });
  assert.equal(title, '1 thing needs attention');
  assert.deepEqual(troubles[0]!.streams.map((s) => s.id), ['a', 'b', 'c']);
});

test('problems of streams that are not listed are told of, but for those of their origin', () => {
  const own = listed([stream('a', { problems: [problem('warning', 'short-loop')] })], { troubled: 3 });
  assert.deepEqual(verdict({ ...seen, list: own }).troubles.map((t) => t.text), ['it is short-loop', '2 more streams have problems.']);
  const origins = listed([stream('a', { state: 'stale', problems: [problem('warning', 'origin-fails')] })], { troubled: 3 });
  assert.deepEqual(verdict({ ...seen, list: origins, origins: [origin({ state: 'failing' })] }).troubles.map((t) => t.text), ['Origin vod fails.']);
});

test('no answer is said at once, and again when there was one before', () => {
  assert.equal(verdict({ ...seen, status: undefined }).level, 'unknown');
  assert.equal(verdict({ ...seen, status: undefined, error: 'no connection' }).level, 'failing');
  assert.equal(verdict({ ...seen, error: 'no connection' }).troubles[0]!.advice, 'no connection');
});

test('a stream is as bad as its worst problem; a notice is none', () => {
  assert.equal(levelOf(stream('a', { problems: [problem('notice', 'window-raised')] })), 'well');
  assert.equal(levelOf(stream('a', { state: 'changed' })), 'warning');
  assert.equal(levelOf(stream('a', { begins_in_seconds: 9 })), 'unknown', 'it has not begun, and is neither well nor not');
  assert.equal(levelOf(stream('a', { problems: [problem('warning', 'short-loop'), problem('error', 'vod-gone')] })), 'failing');
});
