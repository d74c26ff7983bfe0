import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placed, type Label } from './labels';

const label = (from: number, to: number, slides = false): Label => ({ from, to, slides });

test('a label is shown where all of it is seen', () => {
  const labels = [label(-20, 20), label(40, 60), label(90, 110)];
  assert.deepEqual(placed(labels, 0, 100), [null, 0, null]);
  assert.deepEqual(placed(labels, 20, 140), [0, 0, 0]);
});

test('labels that would be written over each other are not both shown', () => {
  assert.deepEqual(placed([label(0, 40), label(44, 80), label(90, 100)], 0, 100), [0, null, 0]);
});

test('the name of what is on at the left end stands there, as long as it fits', () => {
  const names = [label(-80, -20, true), label(100, 160, true)];
  assert.deepEqual(placed(names, 0, 300), [80, 0]);
  assert.deepEqual(placed(names, -40, 300), [null, 0], 'the next one is too near');
  assert.deepEqual(placed(names, -110, 300), [null, 10], 'the next one is on there');
});

test('the name of what has just begun at the right end moves away from it', () => {
  assert.deepEqual(placed([label(0, 60, true), label(260, 320, true)], 0, 300), [0, -20]);
  assert.deepEqual(placed([label(200, 250, true), label(280, 340, true)], 0, 300), [0, null]);
  assert.deepEqual(placed([label(310, 340, true)], 0, 300), [null], 'it is not seen yet');
});

test('no label that is shown is cut off or written over, wherever the line is', () => {
  const labels = [label(-50, 10, true), label(60, 130, true), label(140, 200, true), label(330, 400, true)];
  for (let shift = -400; shift < 400; shift += 7) {
    let end = -1;
    placed(labels, shift, 300).forEach((by, i) => {
      if (by === null) return;
      const from = labels[i]!.from + shift + by;
      const to = labels[i]!.to + shift + by;
      assert.ok(from > end && from >= 0 && to <= 300, `${i} from ${from} to ${to} after ${end}, moved by ${shift}`);
      end = to;
    });
  }
});
