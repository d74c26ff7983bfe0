import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rendition, WindowSegment } from './api';
import { arc, blocks, breaksWithin, cueInstants, edges, instant, loopPoints, position, tickStep, untilLoopPoint, windowSpan } from './loop';

const zero = instant('2026-01-01T00:00:00.000Z');

function segment(start: number, inLoop: number, duration: number, loop: number): WindowSegment {
  return {
    sequence: 0, loop, index: 0, start: new Date((zero + start) * 1000).toISOString(), start_seconds: inLoop,
    duration_seconds: duration, discontinuity: inLoop === 0, gap: false,
  };
}

const rendition = (window: WindowSegment[], cues: Rendition['cues'] = []) => ({ window, cues }) as Rendition;

test('an instant has one position, whichever loop point it is measured from', () => {
  for (let at = 0; at < 30; at += 0.25) {
    for (const point of [-20, 0, 10, 50]) assert.equal(position(zero + at, zero + point, 10), at % 10);
  }
});

test('the time to the next loop point falls from a whole loop to nothing', () => {
  assert.equal(untilLoopPoint(zero, zero + 20, 10), 10);
  assert.equal(untilLoopPoint(zero + 9.5, zero + 20, 10), 0.5);
});

test('a window lies where it ends, reaches back across the loop point and is never more than a loop', () => {
  assert.deepEqual(windowSpan(zero + 8, 6, zero + 10, 10), { from: 2, to: 8 });
  assert.deepEqual(windowSpan(zero + 12, 6, zero + 20, 10), { from: -4, to: 2 });
  assert.deepEqual(windowSpan(zero + 12, 60, zero + 20, 10), { from: -8, to: 2 });
  assert.deepEqual(windowSpan(zero + 10, 6, zero + 20, 10), { from: 4, to: 10 }, 'at the loop point the window ends with the loop');
});

test('an arc goes clockwise from the top, the long way where it is long, and all around', () => {
  assert.equal(arc({ from: 0, to: 2.5 }, 10, 100), 'M0.00 -100.00A100 100 0 0 1 100.00 -0.00');
  assert.match(arc({ from: 0, to: 7.5 }, 10, 100), / 0 1 1 -100\.00 /);
  assert.equal(arc({ from: 3, to: 13 }, 10, 100).match(/A/g)?.length, 2);
});

test('loop points come from the dates of the segments', () => {
  const window = [segment(6, 6, 2, 4), segment(8, 8, 2, 4), segment(10, 0, 2, 5)];
  assert.deepEqual([...loopPoints(window)], [[4, zero], [5, zero + 10]]);
});

test('a cue is on air once for each loop in the window, and not outside it', () => {
  const window = [segment(6, 6, 2, 0), segment(8, 8, 2, 0), segment(10, 0, 2, 1), segment(12, 2, 2, 1)];
  const at = cueInstants(rendition(window, [{ start_seconds: 2, tag: 'EXT-X-CUE-OUT' }, { start_seconds: 8, tag: 'EXT-X-CUE-IN' }]));
  assert.deepEqual(at, [{ at: zero + 8, tag: 'EXT-X-CUE-IN' }, { at: zero + 12, tag: 'EXT-X-CUE-OUT' }]);
  assert.deepEqual(cueInstants(rendition([])), []);
});

test('breaks are drawn as far as they are in the picture', () => {
  const at = (seconds: number) => new Date((zero + seconds) * 1000).toISOString();
  const breaks = [{ id: 'gone', start: at(0), end: at(9) }, { id: 'half', start: at(5), end: at(15) }, { id: 'mark', start: at(20), end: at(20) }, { id: 'far', start: at(40), end: at(50) }];
  assert.deepEqual(breaksWithin(breaks, zero + 10, zero + 30), [{ id: 'half', from: zero + 10, to: zero + 15 }, { id: 'mark', from: zero + 20, to: zero + 20 }]);
});

test('the edges of renditions say how far they are apart', () => {
  const found = edges([rendition([segment(0, 0, 2, 0)]), rendition([segment(0, 0, 1.5, 0)]), rendition([])]);
  assert.deepEqual(found, { newest: zero + 2, apart: 0.5 });
  assert.equal(edges([rendition([])]), null);
});

test('every segment is drawn, however thin', () => {
  const path = blocks([segment(0, 0, 2, 0), segment(2, 2, 0.01, 0)], zero, 10, 5, 15);
  assert.equal(path, 'M0.0 5h19.0v15h-19.0zM20.0 5h0.5v15h-0.5z');
});

test('marks of time are round and apart', () => {
  assert.equal(tickStep(20, 80), 5);
  assert.equal(tickStep(0.5, 80), 300);
  assert.equal(tickStep(0.001, 80), 7200);
});
