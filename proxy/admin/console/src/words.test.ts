import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OffAir, Problem, Summary } from './api';
import { where } from './format';
import { entriesOf, matches } from './streams';
import { viewersBase } from './viewers';

test('a problem names its rendition by number, kind, name and address', () => {
  const p = { rendition: 1, kind: 'audio', name: 'English', source: 'https://cdn.test/a.m3u8' } as Problem;
  assert.equal(where(p), 'Rendition 1, audio “English”, https://cdn.test/a.m3u8: ');
  assert.equal(where({ ...p, kind: 'media', name: '', source: '' }), 'Rendition 1: ');
  assert.equal(where({ ...p, rendition: null }), '');
});

test('a search finds every word, wherever it stands', () => {
  const s = { address: '/news/master.m3u8', vod: 'Movies/%E6%97%A5%20A/100%/master.m3u8', origin: 'vod', problems: [{ code: 'origin-fails' }] } as Summary;
  const other = { address: '/live/%C3%9C%20x.m3u8', vod: '%C3%9C%20x.m3u8', origin: 'vod', problems: [] as Summary['problems'] } as Summary;
  for (const search of ['ü X', '%c3%9c']) assert.ok(matches(other, search), search);
  for (const search of ['', 'NEWS', 'movies a', ' vod  news ', 'origin fails', '%E6%97%A5']) assert.ok(matches(s, search), search);
  for (const search of ['sports', 'news sports']) assert.ok(!matches(s, search), search);
});

test('channels that are off air are found among the streams, with a state of their own', () => {
  const s = { address: '/live/a.m3u8', vod: 'a.m3u8', origin: 'vod', state: 'ok', confirmed: '2026-11-28T12:00:00.000Z', used: null, begins_in_seconds: 0, problems: [] as Summary['problems'] } as unknown as Summary;
  const off = { address: '/news/master.m3u8', vod: 'b.m3u8', origin: 'vod', code: 'not-found' } as OffAir;
  const found = (search: string) => entriesOf([s], [off], search, Date.parse('2026-11-28T12:01:00.000Z') / 1000).map((e) => `${e.address} ${e.kind}`);
  assert.deepEqual(found(''), ['/news/master.m3u8 off', '/live/a.m3u8 healthy']);
  assert.deepEqual(found('vod not-found'), ['/news/master.m3u8 off']);
  assert.deepEqual(found('a.m3u8'), ['/live/a.m3u8 healthy']);
});

test('players go to the listener of viewers, by a name that reaches it', () => {
  const page = { hostname: 'box.lan' };
  assert.equal(viewersBase('[::]:8080', {}, page), 'http://box.lan:8080');
  assert.equal(viewersBase('0.0.0.0:80', {}, page), 'http://box.lan:80');
  assert.equal(viewersBase('127.0.0.1:41234', {}, page), 'http://127.0.0.1:41234');
  assert.equal(viewersBase('[::1]:8080', { public_address: '' }, page), 'http://[::1]:8080');
  assert.equal(viewersBase('[::]:8443', { tls_cert: 'cert.pem' }, page), 'https://box.lan:8443');
  assert.equal(viewersBase('[::]:8443', { public_address: 'https://tv.example.com/', tls_cert: 'cert.pem' }, page), 'https://tv.example.com');
});
