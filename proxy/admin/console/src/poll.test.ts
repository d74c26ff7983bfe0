import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { askText, Refused } from './api';
import { poll, type Polled } from './poll';

const page = Object.assign(new EventTarget(), { hidden: false });
const settled = () => new Promise((done) => setImmediate(done));

function hide(hidden: boolean): void {
  page.hidden = hidden;
  page.dispatchEvent(new Event('visibilitychange'));
}

// pass lets so many seconds pass.
async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 10; i++) {
    mock.timers.tick(100);
    await settled();
  }
}

beforeEach(() => {
  Object.assign(globalThis, { document: page });
  mock.timers.enable({ apis: ['setTimeout'] });
  page.hidden = false;
});
afterEach(() => mock.timers.reset());

// polled asks for what answers says, each half second, and counts.
function polled(answer: () => number) {
  const seen = { asked: 0, last: {} as Polled<number> };
  const { end } = poll(async () => { seen.asked++; return answer(); }, () => 500, (p) => { seen.last = p; });
  return { seen, end };
}

test('what fails is asked for less and less often, and as before once it answers', async () => {
  let up = true;
  const { seen, end } = polled(() => { if (!up) throw new Error('no answer'); return 1; });
  await pass(2);
  assert.ok(seen.asked >= 4, `${seen.asked} times in two seconds`);
  up = false;
  await pass(1);
  const before = seen.asked;
  await pass(60);
  assert.ok(seen.asked - before <= 9, `${seen.asked - before} times in a minute`);
  assert.deepEqual(seen.last, { value: 1, error: 'no answer', gone: false }, 'what was known is kept');
  up = true;
  await pass(10);
  const back = seen.asked;
  await pass(5);
  assert.ok(seen.asked - back >= 8, `${seen.asked - back} times in five seconds`);
  end();
});

test('what is gone is known no more', async () => {
  let there = true;
  const { seen, end } = polled(() => { if (!there) throw new Refused(404, 'no stream'); return 1; });
  await pass(1);
  there = false;
  await pass(1);
  assert.deepEqual(seen.last, { error: 'no stream', gone: true });
  end();
});

test('a page that is hidden asks nothing, and at once when it is seen again', async () => {
  const { seen, end } = polled(() => 1);
  await pass(1);
  hide(true);
  const before = seen.asked;
  await pass(10);
  assert.equal(seen.asked, before);
  hide(false);
  assert.equal(seen.asked, before + 1);
  end();
  await pass(10);
  assert.equal(seen.asked, before + 1);
});

test('an error of a text is its sentence, not the JSON around it', async () => {
  Object.assign(globalThis, { fetch: async () => new Response('{"error":"the stream has not begun"}', { status: 503 }) });
  await assert.rejects(askText('/api/streams/1/playlist', new AbortController().signal), { message: 'the stream has not begun' });
});
