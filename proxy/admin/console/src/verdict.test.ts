import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OffAir, Origin, Problem, Status, StreamList, Summary } from './api';
import { levelOf, ofOrigin, verdict, wordsOf } from './verdict';

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 28, 12, minutes)).toISOString(); // past noon
const now = Date.parse(at(10)) / 1000;
const status = { ready: true } as Status;
const stream = (id: string, more: Partial<Summary> = {}) => ({ id, address: `/live/${id}.m3u8`, origin: 'vod', state: 'ok', confirmed: at(10), used: null, problems: [], ...more }) as unknown as Summary;
const origin = (more: Partial<Origin> = {}) => ({ name: 'vod', state: 'ok', failing_since: null, places: [{ state: 'ok' }], requests: { ok: 1 }, last_ok: at(10), last_error: null, ...more }) as unknown as Origin;
const offAir = (channel: string, more: Partial<OffAir> = {}) => ({ id: channel, channel, address: `/${channel}/master.m3u8`, lists: false, origin: 'vod', vod: 'a.m3u8', since: at(3), code: 'not-found', error: `GET http://vod.test/${channel}: 404 Not Found`, cause: '404 Not Found', advice: 'mend it', ...more }) as OffAir;
const problem = (severity: Problem['severity'], code: string): Problem => ({ severity, code, rendition: null, kind: '', name: '', source: '', link: '', text: `it is ${code}`, advice: 'mend it' });
const listed = (streams: Summary[], more: Partial<StreamList> = {}): StreamList => ({
  now: '', total: streams.length, viewers: 0, origins: { vod: streams.length }, troubled: streams.filter((s) => s.problems.length > 0).length, streams, off_air: [], ...more,
});
const seen = { status, list: listed([]), origins: [origin()], failedRequests: 0, now };

test('without problems all is healthy', () => {
  assert.deepEqual(verdict({ ...seen, list: listed([stream('a', { problems: [] })]) }), { level: 'healthy', title: 'All healthy', troubles: [] });
});

test('an origin that fails comes first, and its streams do not say it again', () => {
  const streams = ['a', 'b'].map((id) => stream(id, { state: 'stale', problems: [problem('warning', 'origin-fails'), problem('warning', 'short-loop')] }));
  const { level, title, troubles } = verdict({ ...seen, list: listed(streams, { origins: { vod: 1100 } }), origins: [origin({ state: 'failing', failing_since: at(4), last_error: 'connection refused' })], failedRequests: 3 });
  assert.deepEqual([level, title], ['failing', '1 thing is failing']);
  assert.deepEqual(troubles.map((t) => t.text), ['Origin vod is failing: connection refused.', '3 viewer requests failed in the last minute.', 'it is short-loop']);
  assert.deepEqual([troubles[0]!.affected, troubles[0]!.since], ['1,100 streams on air', now - 360]);
});

test('a channel that is not loaded is off air, whatever its origin says', () => {
  const loading = offAir('sport', { code: 'loading', since: null, error: '', cause: '' });
  const { level, title, troubles } = verdict({ ...seen, list: listed([], { off_air: [loading, offAir('news')] }) });
  assert.deepEqual([level, title], ['failing', '1 thing is failing']);
  assert.deepEqual(troubles.map((t) => [t.level, t.text]), [
    ['failing', 'Channel news is off air: GET http://vod.test/news: 404 Not Found.'], ['warning', 'Channel sport is being loaded.'],
  ]);
});

test('channels that are off air for the same cause are one trouble, since the first of them was', () => {
  const off = [offAir('a'), offAir('b', { since: at(1) }), offAir('c'), offAir('d', { origin: 'other' })];
  const { troubles } = verdict({ ...seen, list: listed([], { off_air: off }) });
  assert.deepEqual(troubles.map((t) => [t.text, t.since, t.affected]), [
    ['3 channels are off air: 404 Not Found.', now - 540, '3 channels'], ['Channel d is off air: GET http://vod.test/d: 404 Not Found.', now - 420, '1 channel'],
  ]);
  assert.deepEqual(troubles[0]!.streams.map((s) => s.id), ['a', 'b', 'c']);
});

test('channels that an origin keeps off air belong to its trouble, others do not', () => {
  const off = [offAir('a', { code: 'unreachable' }), offAir('b', { code: 'origin-paused' }), offAir('c', { code: 'no-endlist', cause: 'no EXT-X-ENDLIST', error: 'no EXT-X-ENDLIST' })];
  const { troubles } = verdict({ ...seen, origins: [origin({ state: 'failing' })], list: listed([], { off_air: off }) });
  assert.deepEqual(troubles.map((t) => [t.text, t.affected]), [['Origin vod is failing.', '2 channels off air'], ['Channel c is off air: no EXT-X-ENDLIST.', '1 channel']]);
});

test('what fails most streams comes first', () => {
  const off = [offAir('a'), offAir('b', { cause: '403 Forbidden' }), offAir('c', { cause: '403 Forbidden' })];
  const origins = [origin({ state: 'failing', name: 'idle' }), origin({ state: 'failing' })];
  const { troubles } = verdict({ ...seen, error: 'no answer', origins, list: listed([], { origins: { vod: 40 }, off_air: off }) });
  assert.deepEqual(troubles.map((t) => t.size), [Infinity, 40, 2, 1, 0]);
});

test('problems that came on air are one trouble of their origin, whatever their texts count', () => {
  const streams = [1, 2].map((n) => stream(`${n}`, { problems: [{ ...problem('error', 'segments-fail'), text: `${n} failed`, since: at(n) }] }));
  const { troubles } = verdict({ ...seen, list: listed(streams) });
  assert.deepEqual(troubles.map((t) => [t.text, t.since, t.affected]), [['1 failed', now - 540, '2 streams']]);
});

test('one of several addresses that fails is a warning', () => {
  const { level, troubles } = verdict({ ...seen, origins: [origin({ places: [{ state: 'ok' }, { state: 'paused' }] as Origin['places'] })] });
  assert.equal(level, 'warning');
  assert.equal(troubles[0]!.text, '1 of 2 addresses of origin vod is failing.');
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
  assert.deepEqual(verdict({ ...seen, list: origins, origins: [origin({ state: 'failing' })] }).troubles.map((t) => t.text), ['Origin vod is failing.']);
});

test('no answer is said at once, and again when there was one before', () => {
  assert.equal(verdict({ ...seen, status: undefined }).level, 'unknown');
  assert.equal(verdict({ ...seen, status: undefined, error: 'no connection' }).level, 'failing');
  assert.equal(verdict({ ...seen, error: 'no connection' }).troubles[0]!.advice, 'no connection');
});

test('a stream is as bad as its worst problem; a notice is none', () => {
  assert.equal(levelOf(stream('a', { problems: [problem('notice', 'window-raised')] }), now), 'healthy');
  assert.equal(levelOf(stream('a', { state: 'changed' }), now), 'warning');
  assert.equal(levelOf(stream('a', { begins_in_seconds: 9 }), now), 'unknown', 'it has not started: neither healthy nor failing');
  assert.equal(levelOf(stream('a', { problems: [problem('warning', 'short-loop'), problem('error', 'vod-gone')] }), now), 'failing');
});

test('without recent requests the state is unknown', () => {
  const idle = stream('a', { confirmed: at(4) });
  assert.deepEqual([levelOf(idle, now), wordsOf(idle, now)], ['unknown', 'last seen 6 min ago']);
  assert.equal(levelOf({ ...idle, used: at(9) }, now), 'healthy', 'viewers watch');
  assert.deepEqual(ofOrigin(origin({ last_ok: at(4) }), now), ['unknown', 'last answer 6 min ago']);
  assert.deepEqual(ofOrigin(origin({ last_ok: null, state: 'unknown' }), now), ['unknown', 'no request yet']);
  assert.deepEqual(ofOrigin(origin({ requests: { not_found: 9 } }), now), ['warning', 'only error responses']);
  assert.deepEqual(ofOrigin(origin(), now), ['healthy', 'healthy']);
  const failed = verdict({ ...seen, origins: [origin({ state: 'failing', last_error: 'no connection', last_error_at: at(3) })] });
  assert.equal(failed.troubles[0]!.text, 'Origin vod failed at the last request, 7 min ago: no connection.');
  const { level, title } = verdict({ ...seen, origins: [origin({ last_ok: at(4) })] });
  assert.deepEqual([level, title], ['unknown', 'No known problems']);
});
