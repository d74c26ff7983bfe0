// An operator at the console: goes through what the page can do, as a person would, and says what it saw.
// The job names the operator's listener, addresses of streams, where screenshots go, and where the test itself
// listens: a POST to its /down and /up ends and starts the origin.
import { readFile } from 'node:fs/promises';

const patience = 30_000; // milliseconds that anything may take on a machine that has much to do

export async function operate(browser, job) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(patience);
  const seen = { steps: [], outside: [], log: [], violations: [] };
  await context.route((url) => url.protocol.startsWith('http') && url.hostname !== '127.0.0.1', (route) => {
    seen.outside.push(route.request().url());
    return route.abort();
  });
  try {
    await context.addInitScript(watchCharts);
    const page = await context.newPage();
    page.on('console', (message) => { if (message.type() === 'error') seen.log.push(`${message.text()} ${message.location().url}`); });
    page.on('pageerror', (error) => seen.log.push(error.message));
    await page.goto(job.console);
    for (const step of steps) {
      const began = Date.now();
      const said = await step(page, job, seen).catch((error) => { throw new Error(`${step.name}: ${error.message}`); });
      seen.steps.push(`${step.name} ${((Date.now() - began) / 1000).toFixed(1)} s${said ? ` (${said})` : ''}`);
    }
    seen.log.push(...await page.evaluate(() => window.chartFaults));
    return { seen };
  } catch (error) {
    const page = context.pages()[0];
    await page?.screenshot({ path: `${job.screenshots}/console-failed.png`, fullPage: true });
    return { seen, error: `${error.message}\nsteps: ${seen.steps.join(', ')}\nconsole: ${seen.log.join('\n')}` };
  } finally {
    await context.close();
  }
}

// watchCharts notes times of day that a chart shows twice, or not in full.
function watchCharts() {
  window.chartFaults = [];
  const times = new WeakMap();
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  Object.assign(CanvasRenderingContext2D.prototype, {
    clearRect(...area) {
      times.set(this, new Set());
      clearRect.apply(this, area);
    },
    fillText(text, x, ...rest) {
      if (/^\d\d:\d\d:\d\d$/.test(text)) {
        const seen = times.get(this) ?? new Set();
        if (seen.has(text)) window.chartFaults.push(`a chart shows ${text} twice`);
        times.set(this, seen.add(text));
        const right = this.getTransform().e + x + this.measureText(text).width / 2;
        if (right > this.canvas.width) window.chartFaults.push(`a chart cuts ${text} off`);
      }
      fillText.call(this, text, x, ...rest);
    },
  });
}

const steps = [isHealthy, loads, lists, isLow, checks, draws, showsAnInstant, keepsTime, plays, goesBack, tellsOfItems, isAccessible, fitsAPhone, reloads, tellsOfAnOutage, opensWhatIsOffAir, recovers, tellsOfADrop, drops];

const button = (page, name) => page.getByRole('button', { name, exact: true });
const streamRow = (page, address) => page.locator('.streams').getByRole('row').filter({ has: page.getByRole('link', { name: address, exact: true }) });
const heading = (page, name) => page.getByRole('heading', { level: 1, name });

async function isHealthy(page) {
  await heading(page, 'All healthy').waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  return `first paint after ${Math.round(paint)} ms`;
}

async function loads(page, { stream }) {
  await page.getByLabel('Address of a VOD or of a live stream').fill(stream);
  await button(page, 'Load').click();
  await heading(page, stream).waitFor();
  await page.getByRole('link', { name: 'All streams' }).click();
}

async function lists(page, { stream, channel }) {
  await streamRow(page, channel).getByText('on air').waitFor();
  await streamRow(page, stream).getByText('on air').waitFor();
  const search = page.getByRole('searchbox', { name: 'Search streams' });
  await search.fill(channel.toUpperCase());
  await streamRow(page, stream).waitFor({ state: 'detached' });
  await streamRow(page, channel).waitFor();
  await search.fill('');
  await streamRow(page, stream).waitFor();
}

// isLow: a long address makes no other cell of its row higher.
async function isLow(page, { stream }) {
  await page.setViewportSize({ width: 1440, height: 900 });
  const link = page.getByRole('link', { name: stream, exact: true });
  const lower = await link.evaluate((a) => {
    const length = a.closest('tr').querySelector('td[data-name="Loop"] .length');
    const [address, before] = [a.textContent, length.offsetTop];
    a.textContent = '/live/a-very-long-name-of-a-programme-of-many-words'.repeat(4);
    const after = length.offsetTop;
    a.textContent = address;
    return after - before;
  });
  await page.setViewportSize({ width: 1280, height: 900 });
  if (lower !== 0) throw new Error(`the length of a loop stands ${lower} px lower beside a long address`);
}

// showsAnInstant once it is typed in full, and all of it.
async function showsAnInstant(page, _, seen) {
  const before = seen.log.length;
  const asked = [];
  const note = (request) => { if (request.url().includes('at=')) asked.push(decodeURIComponent(request.url().split('at=')[1])); };
  page.on('request', note);
  const field = page.locator('.instant input');
  await field.focus();
  await page.keyboard.type('11222033');
  await page.keyboard.press('Tab');
  await page.keyboard.type('112233PM');
  if (asked.length > 0) throw new Error(`asked for ${asked} while an instant is typed`);
  const cut = await field.evaluate((input) => {
    const width = input.offsetWidth;
    input.style.maxWidth = 'none';
    const wanted = input.offsetWidth;
    input.style.maxWidth = '';
    return wanted - width;
  });
  if (cut > 0) throw new Error(`the field of the instant lacks ${cut} px`);
  await page.keyboard.press('Enter');
  await button(page, 'Back to now').click();
  await button(page, 'Hold').waitFor();
  page.off('request', note);
  if (asked.join() !== '2033-11-22T23:22:33Z' || seen.log.length > before) throw new Error(`asked for ${asked}, in the console ${seen.log.slice(before)}`);
}

async function checks(page, { absent, stream }) {
  await page.getByLabel('Address of a VOD or of a live stream').fill(absent);
  await button(page, 'Check').click();
  await page.getByText('not-found', { exact: true }).first().waitFor();
  await page.getByLabel('Address of a VOD or of a live stream').fill(stream);
  await button(page, 'Check').click();
  await page.getByText('It can loop').waitFor();
}

// until reads of the page again and again until what it reads will do. (The page's policy keeps playwright's own
// waitForFunction out.)
async function until(page, read, willDo) {
  for (const end = Date.now() + patience; ; await page.waitForTimeout(100)) {
    const value = await page.evaluate(read);
    if (willDo(value)) return value;
    if (Date.now() > end) throw new Error(`${read} is ${value} after ${patience} ms`);
  }
}

async function changes(page, read) {
  const before = await page.evaluate(read);
  await until(page, read, (value) => value !== before);
}

async function draws(page, { stream }) {
  await page.getByRole('link', { name: stream, exact: true }).click();
  await heading(page, stream).waitFor();
  await page.locator('.timeline svg').waitFor();
  await changes(page, () => document.querySelector('.ring .hand')?.getAttribute('transform')); // the clock
  await changes(page, () => document.querySelector('.ring .edge')?.getAttribute('transform')); // the live edge
  await changes(page, () => document.querySelector('.timeline g')?.getAttribute('transform')); // the windows
  const title = await page.title();
  if (title !== `${stream} – vod2live`) throw new Error(`the page is called ${title}`);
  const room = await page.evaluate(() => {
    document.querySelector('.ring .big').firstChild.data = '18,147,042';
    const reach = [...document.querySelectorAll('.ring .big, .ring .small')].map((text) => text.getBBox()).filter(({ y }) => y > -60) // but the loop point's
      .map(({ x, y, width, height }) => Math.hypot(Math.max(-x, x + width), Math.max(-y, y + height)));
    const { y, height } = document.querySelector('.ring .hand path').getBBox();
    return -(y + height) - Math.max(...reach);
  });
  if (room < 2) throw new Error(`the hand of the ring comes within ${room} of what is written there`);
  const rows = await page.locator('.timeline .name').count();
  if (rows !== 2) throw new Error(`${rows} renditions are drawn, want 2`);
}

// keepsTime: what stands at now is of now in every frame, also when the window has just changed.
async function keepsTime(page, { stream }) {
  const strayed = [];
  for (const [reducedMotion, most] of [['reduce', 1.7], ['no-preference', 1]]) { // seconds; a clock that steps is a second late
    await page.emulateMedia({ reducedMotion });
    await page.getByRole('link', { name: 'All streams' }).click();
    await page.getByRole('link', { name: stream, exact: true }).click();
    await page.locator('.timeline svg').waitFor();
    const apart = await page.evaluate(async () => {
      const center = (element) => { const { left, right } = element.getBoundingClientRect(); return (left + right) / 2; };
      const late = [];
      for (const end = performance.now() + 5000; performance.now() < end;) {
        await new Promise(requestAnimationFrame);
        const ticks = [...document.querySelectorAll('.timeline .times text')].map((text) => ({ at: Date.parse(`1970-01-01T${text.textContent}Z`) / 1000, x: center(text) }));
        const [first, last] = [ticks[0], ticks.at(-1)];
        if (!last || last.at <= first.at) continue; // midnight
        const shown = first.at + ((center(document.querySelector('.timeline .now')) - first.x) / (last.x - first.x)) * (last.at - first.at);
        late.push(Date.now() / 1000 % 86400 - shown);
      }
      return Math.max(...late) - Math.min(...late);
    });
    strayed.push(`${apart.toFixed(2)} s`);
    if (!(apart < most)) throw new Error(`with motion ${reducedMotion} the drawing goes astray by ${apart} s`);
  }
  return strayed.join(', ');
}

// A loop point lies in every stretch of a loop's length.
async function plays(page, { loop }) {
  await button(page, 'Watch').click();
  const playhead = () => (document.querySelector('video').videoWidth > 0 ? document.querySelector('video').currentTime : 0);
  const from = await until(page, playhead, (at) => at > 0);
  await until(page, playhead, (at) => at > from + loop + 0.5);
  await page.getByText('behind the clock').waitFor();
  await button(page, 'Stop').click();
  return `${loop + 0.5} s`;
}

// goesBack some loops, watches from there, and copies the addresses of a loop, which players can play.
async function goesBack(page, { loop }) {
  const reply = page.waitForResponse((r) => /\.m3u8\?start=/.test(r.url()) && r.request().method() === 'GET' && r.status() === 200);
  await button(page, 'Earlier').click();
  await page.getByRole('button', { name: /^Watch from \d\d:\d\d:\d\d$/ }).click();
  await reply;
  await until(page, () => document.querySelector('video').currentTime, (at) => at > 0.5);
  const behind = await until(page, () => parseFloat(document.querySelector('.player .quiet').textContent), (seconds) => seconds > 0);
  if (behind < loop / 2) throw new Error(`some loops back the player is ${behind} s behind the clock`);
  await button(page, 'Stop').click();
  await button(page, 'Back to now').click();
  await button(page, 'Hold').waitFor();
  for (const [label, type] of [['Restart', /^[^]*EVENT(?![^]*ENDLIST)/], ['Catch-up', /EVENT[^]*ENDLIST/]]) {
    const address = await page.getByLabel(new RegExp(`^${label} address of`)).first().inputValue();
    const multivariant = await fetch(address);
    const rendition = (await multivariant.text()).split('\n').find((line) => line.includes('0.m3u8'));
    const media = rendition && await (await fetch(new URL(rendition, address))).text();
    if (!type.test(media)) throw new Error(`${address}: ${multivariant.status} ${media}`);
  }
  return `${behind.toFixed(1)} s behind the clock`;
}

// tellsOfItems of a channel: what is on air, until the next one is, and names in the band and in the live window.
async function tellsOfItems(page, job, seen) {
  const { stream, list } = job;
  const titles = ['vod/ts/master.m3u8', 'The short one'];
  await page.getByRole('link', { name: 'All streams' }).click();
  await page.getByRole('link', { name: list, exact: true }).click();
  await heading(page, list).waitFor();
  const name = () => document.querySelector('.item .name')?.textContent;
  const on = await until(page, name, (text) => titles.includes(text));
  await until(page, name, (text) => titles.includes(text) && text !== on);
  for (const place of ['.band span', '.programme td', '.timeline .label']) {
    const texts = await page.locator(place).allTextContents();
    const has = (title) => texts.some((text) => text === title || (text.endsWith('…') && title.startsWith(text.slice(0, -1)) && text.length > 3));
    if (!titles.every(has)) throw new Error(`${place} has ${texts}`);
  }
  await look(page, job, seen, 'channel light');
  await page.getByRole('link', { name: 'All streams' }).click();
  await page.getByRole('link', { name: stream, exact: true }).click();
  await page.locator('.timeline svg').waitFor();
}

// look takes a screenshot, and lets axe-core look.
async function look(page, { screenshots, axe }, seen, where) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(await readFile(axe, 'utf8'));
  await page.screenshot({ path: `${screenshots}/console-${where.replaceAll(' ', '-')}.png`, fullPage: true });
  const violations = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes[0].html}`));
  seen.violations.push(...violations.map((v) => `${where}: ${v}`));
}

async function isAccessible(page, job, seen) {
  await look(page, job, seen, 'stream light');
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await look(page, job, seen, 'stream dark');
  await page.getByRole('link', { name: 'All streams' }).click();
  await page.locator('table.streams').waitFor();
  await look(page, job, seen, 'list dark');
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  await look(page, job, seen, 'list light');
}

async function fitsAPhone(page, { stream }) {
  await page.setViewportSize({ width: 320, height: 640 });
  const fits = () => until(page, () => document.documentElement.scrollWidth - window.innerWidth, (over) => over <= 0);
  await fits();
  await sorts(page);
  await page.getByRole('link', { name: stream, exact: true }).click();
  await heading(page, stream).waitFor();
  await page.locator('.timeline svg').waitFor();
  await fits();
  await page.setViewportSize({ width: 1280, height: 900 });
}

// sorts by a button that is seen.
async function sorts(page) {
  const sort = button(page, 'Stream');
  await sort.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await sort.boundingBox();
  const top = await page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.textContent, [x + width / 2, y + height / 2]);
  if (top !== 'Stream') throw new Error(`where the table is sorted by streams there is ${top}`);
  await sort.click();
  await page.locator('[aria-sort] .sort', { hasText: 'Stream' }).waitFor();
}

// reloads by the keyboard; the focus stays where it is while the page goes on.
async function reloads(page) {
  await button(page, 'Reload from origin').focus();
  await page.keyboard.press('Enter');
  await page.getByText('The origin still has the same VOD.').waitFor();
}

async function tellsOfAnOutage(page, { control }) {
  await fetch(`${control}/down`, { method: 'POST' });
  await button(page, 'Reload from origin').click();
  await page.getByText('The request to the origin failed').waitFor();
  const began = Date.now();
  await page.getByRole('navigation').getByText('1 thing is failing').waitFor();
  await page.getByRole('link', { name: 'All streams' }).click();
  await page.getByRole('table', { name: 'Problems' }).getByText('Origin vod is failing').waitFor();
  return `after ${Date.now() - began} ms`;
}

// opensWhatIsOffAir: a channel that could not be loaded again, by the filter and with its cause.
async function opensWhatIsOffAir(page, job, seen) {
  const { console: base, channel } = job;
  const { streams } = await (await fetch(`${base}api/streams`)).json();
  await fetch(`${base}api/streams/${streams.find((s) => s.address === channel).id}/drop`, { method: 'POST' });
  await button(page, 'Off air 1').click();
  await streamRow(page, channel).getByText('off air').waitFor();
  await look(page, job, seen, 'outage light');
  await streamRow(page, channel).getByRole('link').click();
  await heading(page, channel).waitFor();
  await page.getByRole('heading', { level: 2, name: 'Off air' }).waitFor();
  await page.locator('.cause').getByText('connection refused').waitFor();
  await look(page, job, seen, 'off air light');
  await page.getByRole('link', { name: 'All streams' }).click();
}

async function recovers(page, { control, stream }) {
  await fetch(`${control}/up`, { method: 'POST' });
  await page.getByRole('link', { name: stream, exact: true }).click();
  const text = page.getByText('The origin still has the same VOD.');
  for (const end = Date.now() + patience; !(await text.isVisible()); await page.waitForTimeout(250)) {
    if (Date.now() > end) throw new Error('the origin is not asked again');
    if (await button(page, 'Reload from origin').isEnabled()) await button(page, 'Reload from origin').click();
  }
  await page.getByRole('navigation').getByText('All healthy').waitFor();
}

// tellsOfADrop by somebody else: the page shows nothing as if it were on air, until the stream is loaded again.
async function tellsOfADrop(page, job, seen) {
  const before = seen.log.length;
  const act = (path) => fetch(job.console + path, { method: 'POST' });
  const id = await page.evaluate(() => location.hash.split('/').at(-1));
  await act(`api/streams/${id}/drop`);
  await page.getByRole('alert').getByText('It was dropped').waitFor();
  for (const part of ['.ring', '.timeline', '.facts', '.actions button']) {
    if (await page.locator(part).count() > 0) throw new Error(`${part} is shown of a stream that is not loaded`);
  }
  await act(`api/load?address=${job.stream}`);
  await page.locator('.ring').waitFor();
  seen.log = seen.log.filter((line, i) => i < before || !/404.*\/api\/streams\//.test(line));
}

async function drops(page, { stream, channel }, seen) {
  const before = seen.log.length;
  await button(page, 'Drop…').click();
  await button(page, 'Keep').click();
  await page.locator('.ring').waitFor();
  await button(page, 'Drop…').click();
  await button(page, 'Drop it').click();
  await streamRow(page, channel).waitFor();
  await streamRow(page, stream).waitFor({ state: 'detached' });
  // The page may have asked for the stream once more while it was being dropped.
  seen.log = seen.log.filter((line, i) => i < before || !/404.*\/api\/streams\//.test(line));
}
