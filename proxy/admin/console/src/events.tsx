import { useState } from 'preact/hooks';
import { ask, type Event } from './api';
import { count, timeOfDay } from './format';
import { instant } from './loop';
import { Sign } from './parts';
import { usePoll } from './poll';
import type { Level } from './verdict';

const few = 8;
const levels: Record<Event['level'], Level> = { info: 'unknown', warn: 'warning', error: 'failing' };

// Happening is an event of several streams at about the same time.
export interface Happening extends Event {
  who: string[];
}

const together = 60; // seconds

// gathered groups equal events. The newest comes first.
export function gathered(events: Event[]): Happening[] {
  const all: Happening[] = [];
  for (const e of events) {
    const at = instant(e.at);
    const like = all.find((h) => h.text === e.text && h.code === e.code && Boolean(h.about) === Boolean(e.about) && instant(h.at) - at < together);
    const who = e.about && e.path && e.path !== 'master.m3u8' ? `${e.about}/${e.path}` : e.about;
    if (!like) {
      all.push({ ...e, who: who ? [who] : [] });
      continue;
    }
    like.count += e.count;
    if (who && !like.who.includes(who)) like.who.push(who);
  }
  return all;
}

// Events are those of the last hour, of one mount and path or of all.
export function Events({ mount, path }: { mount?: string; path?: string }) {
  const [most, setMost] = useState(few);
  const { value, error } = usePoll('events', (signal) => ask<{ events: Event[] }>('/api/events', { signal }), () => 5000);
  const all = gathered((value?.events ?? []).filter((e) => mount === undefined || e.about === mount && (!e.path || e.path === path)));
  return (
    <section class="panel" aria-labelledby="events">
      <div class="heading"><h2 id="events">Last hour</h2><span class="quiet">from the log</span></div>
      {all.length === 0 && <p class="empty">{error ?? (value ? 'No events.' : 'collecting…')}</p>}
      <ul class="events">{all.slice(0, most).map((h) => <One key={`${h.at} ${h.text} ${h.who[0]}`} h={h} />)}</ul>
      {all.length > most && <button type="button" onClick={() => setMost(Infinity)}>Show {count(all.length - most)} more</button>}
    </section>
  );
}

const named = 3;

function One({ h }: { h: Happening }) {
  const others = h.who.length - named;
  return (
    <li>
      <time dateTime={h.at}>{timeOfDay(instant(h.at))}</time>
      <Sign level={levels[h.level]} />
      <span>
        {h.who.length > 0 && <strong>{h.who.slice(0, named).join(', ')}{others > 0 && ` and ${count(others)} more`}: </strong>}
        {h.text}{h.cause && <span class="quiet">: {h.cause}</span>}{h.count > Math.max(h.who.length, 1) && <span class="quiet"> ({count(h.count)} times)</span>} {h.code && <code>{h.code}</code>}
      </span>
    </li>
  );
}
