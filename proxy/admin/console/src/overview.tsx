import { useEffect, useRef, useState } from 'preact/hooks';
import type { Everything } from './main';
import { Charts } from './charts';
import { Check } from './check';
import { Origins } from './origins';
import { Streams } from './streams';
import { Sign, useTitle } from './parts';
import { bitRate, bytes, count, perSecond, span } from './format';
import { recentRate } from './samples';
import type { Trouble, Verdict } from './verdict';

export function Overview({ everything, judged, again }: { everything: Everything; judged: Verdict; again: () => void }) {
  useTitle(judged);
  return (
    <main>
      <Judgement judged={judged} everything={everything} />
      <Figures everything={everything} />
      <div class="columns">
        <div>
          <Streams everything={everything} />
        </div>
        <div>
          <Origins origins={everything.origins} />
          <Check again={again} />
          <Charts samples={everything.samples} />
        </div>
      </div>
    </main>
  );
}

const shown = 5;

function Judgement({ judged, everything }: { judged: Verdict; everything: Everything }) {
  const [whole, setWhole] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { if (location.hash === '#/') heading.current?.focus(); }, []);
  const more = judged.troubles.length - shown;
  return (
    <section class={`judgement ${judged.level}`} aria-labelledby="judgement">
      <Sign level={judged.level} />
      <div>
        <div aria-live="polite"><h1 id="judgement" ref={heading} tabIndex={-1}>{judged.title}</h1></div>
        {judged.level === 'well' && <p>{wellness(everything)}</p>}
        <ul aria-live="polite" aria-label="Problems">
          {judged.troubles.slice(0, whole ? undefined : shown).map((t) => <Told key={t.key} trouble={t} />)}
        </ul>
        {more > 0 && <button type="button" onClick={() => setWhole(!whole)}>{whole ? 'Show fewer' : `Show ${count(more)} more`}</button>}
      </div>
    </section>
  );
}

function wellness({ streams, origins }: Everything): string {
  const answering = origins.filter((o) => o.state === 'ok').length;
  const all = answering === origins.length ? (origins.length === 1 ? 'the origin answers' : 'all origins answer') : 'no origin fails';
  return streams.total === 0
    ? 'Nothing is loaded yet: a stream is, when a viewer asks for it.'
    : `${count(streams.total)} ${streams.total === 1 ? 'stream is' : 'streams are'} on air and ${all}.`;
}

function Told({ trouble }: { trouble: Trouble }) {
  return (
    <li>
      <strong>{trouble.text}</strong> {trouble.advice}
      {trouble.streams.length > 0 && (
        <span class="about">
          {trouble.streams.slice(0, 3).map((s) => <a key={s.id} href={`#/stream/${s.id}`}>{s.address}</a>)}
          {trouble.streams.length > 3 && <span>and {count(trouble.streams.length - 3)} more</span>}
        </span>
      )}
    </li>
  );
}

function Figures({ everything: { status, streams, samples, cache } }: { everything: Everything }) {
  if (!status) return null;
  const rate = (counter: Parameters<typeof recentRate>[1]) => recentRate(samples, counter);
  const failed = rate('failed');
  const figures: [name: string, value: string, note?: string][] = [
    ['Viewers', streams.viewers > 0 && streams.viewers < 1 ? '< 1' : count(streams.viewers), 'estimated from polls'],
    ['Requests', `${perSecond(rate('served') + rate('refused') + failed)}/s`, failed > 0 ? `${perSecond(failed)}/s fail` : 'none fails'],
    ['Sent', bitRate(rate('bytes') * 8)],
    ['Origin requests', `${perSecond(rate('originOK') + rate('originFailed'))}/s`, rate('originFailed') > 0 ? `${perSecond(rate('originFailed'))}/s fail` : 'none fails'],
    ['Loaded streams', bytes(cache?.streams.bytes ?? 0), cache && `of ${bytes(cache.streams.limit_bytes)}`],
    ['Memory', bytes(status.memory_bytes)],
    ['Up for', span((Date.parse(status.now) - Date.parse(status.started)) / 1000)],
  ];
  return (
    <section aria-label="Figures now">
      <dl class="figures">
        {figures.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}{note && <small class={/\/s fail$/.test(note) ? 'bad' : undefined}>{note}</small>}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
