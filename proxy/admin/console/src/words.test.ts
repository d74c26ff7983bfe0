import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem, Summary } from './api';
import { where } from './format';
import { matches } from './streams';
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

test('players go to the listener of viewers, by a name that reaches it', () => {
  const page = { hostname: 'box.lan' };
  assert.equal(viewersBase('[::]:8080', false, page), 'http://box.lan:8080');
  assert.equal(viewersBase('0.0.0.0:80', false, page), 'http://box.lan:80');
  assert.equal(viewersBase('127.0.0.1:41234', false, page), 'http://127.0.0.1:41234');
  assert.equal(viewersBase('[::1]:8080', false, page), 'http://[::1]:8080');
  assert.equal(viewersBase('[::]:8443', true, page), 'https://box.lan:8443');
});
