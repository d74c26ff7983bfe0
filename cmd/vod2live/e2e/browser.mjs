// One headless Chromium for many plays. Reads a line of JSON per play from standard input,
// {id, address, seconds, screenshot}: opens the address in a page of its own, waits for window.play.done, at most
// so many seconds, takes a screenshot, and writes a line {id, figures} or {id, error}. Ends with its input.
// A job with a console is one for console.mjs, and answered with what that saw.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { operate } from './console.mjs';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-dev-shm-usage'],
});

async function play({ address, seconds, screenshot }) {
  const context = await browser.newContext({ viewport: { width: 640, height: 720 } });
  try {
    const page = await context.newPage();
    const log = [];
    page.on('console', (message) => { if (message.type() === 'error') log.push(message.text()); });
    page.on('pageerror', (error) => log.push(error.message));
    await page.goto(address);
    const done = page.waitForFunction(() => window.play?.done, null, { timeout: seconds * 1000, polling: 250 });
    const late = await done.then(() => '', (error) => error.message);
    const figures = await page.evaluate(() => { window.play?.finish(); return window.play?.figures; });
    await page.screenshot({ path: screenshot });
    return { figures: { ...figures, late, log } };
  } finally {
    await context.close();
  }
}

async function answer(line) {
  const job = JSON.parse(line);
  const result = await (job.console ? operate(browser, job) : play(job)).catch((error) => ({ error: String(error.stack || error) }));
  process.stdout.write(`${JSON.stringify({ id: job.id, ...result })}\n`);
}

const running = [];
for await (const line of createInterface({ input: process.stdin })) running.push(answer(line));
await Promise.all(running);
await browser.close();
