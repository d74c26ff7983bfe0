import type { Stream } from './api';
import { countdown, duration, timeOfDay, wait } from './format';
import { instant } from './loop';
import { Finding } from './parts';
import { nameOf, onAir } from './past';
import { useSeconds } from './poll';

// OnAir shows the item that a channel plays, and the next one.
export function OnAir({ stream: s, frozen }: { stream: Stream; frozen: number | undefined }) {
  const seconds = useSeconds();
  const now = frozen ?? seconds;
  const n = onAir(s.plays, now);
  const [item, next] = n < 0 ? [undefined, s.plays.find((p) => instant(p.start) > now)] : s.plays.slice(n, n + 2);
  return (
    <section class="panel item" aria-labelledby="item">
      <div class="heading"><h2 id="item">On air</h2>{item && <span class="quiet">{duration(instant(item.end) - instant(item.start))}</span>}</div>
      <p class="name">{item ? nameOf(item) : next ? 'Not started' : 'The channel has ended'}</p>
      {item && item.title && <p class="quiet">{item.vod}{item.in_seconds > 0 && `, from ${duration(item.in_seconds)}`}</p>}
      {item && <progress max={instant(item.end) - instant(item.start)} value={now - instant(item.start)} aria-label="Played of the item" />}
      {item && <p>{countdown(instant(item.end) - now)} left, until {timeOfDay(instant(item.end))} UTC</p>}
      {next && <p class="quiet">{item ? 'Next' : `In ${wait(instant(next.start) - now)}`}: {nameOf(next)}</p>}
      {item && <ul class="findings">{item.notices.map((p) => <li key={`${p.code} ${p.rendition} ${p.text}`}><Finding p={p} /></li>)}</ul>}
    </section>
  );
}
