import { useEffect, useRef, useState } from 'preact/hooks';
import type { Everything } from './main';
import { Charts } from './charts';
import { Check } from './check';
import { Events } from './events';
import { Origins } from './origins';
import { Streams } from './streams';
import { Sign, useTitle } from './parts';
import { bitRate, bytes, count, perSecond, span } from './format';
import { instant } from './loop';
import { serverTime } from './poll';
import { recentRate } from './samples';
import { Troubles } from './troubles';
import { ofOrigin, type Verdict } from './verdict';

export function Overview({ everything, judged, again }: { everything: Everything; judged: Verdict; again: () => void }) {
  useTitle(judged);
  const [search, setSearch] = useState('');
  return (
    <main>
      <Judgement judged={judged} everything={everything} find={setSearch} />
      <Figures everything={everything} />
      <div class="columns">
        <div>
          <Streams everything={everything} search={search} setSearch={setSearch} />
        </div>
        <div>
          <Origins origins={everything.origins} />
          <Events />
          <Check again={again} />
          <Charts samples={everything.samples} />
        </div>
      </div>
    </main>
  );
}

function Judgement({ judged, everything, find }: { judged: Verdict; everything: Everything; find: (search: string) => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { if (location.hash === '#/') heading.current?.focus(); }, []);
  const calm = everything.status && judged.troubles.length === 0;
  return (
    <section class={`judgement ${judged.level}`} aria-labelledby="judgement">
      <div class="title" aria-live="polite"><Sign level={judged.level} /><h1 id="judgement" ref={heading} tabIndex={-1}>{judged.title}</h1></div>
      {calm && <p>{wellness(everything)}</p>}
      {judged.troubles.length > 0 && <Troubles all={judged.troubles} find={find} />}
    </section>
  );
}

function wellness({ streams, origins }: Everything): string {
  if (streams.total === 0) return 'No stream is loaded yet. The first viewer request loads a stream.';
  const onAir = `${count(streams.total)} ${streams.total === 1 ? 'stream is' : 'streams are'} on air`;
  const answering = origins.filter((o) => ofOrigin(o, serverTime())[0] === 'healthy').length;
  if (answering === origins.length) return `${onAir} and ${origins.length === 1 ? 'the origin is healthy' : 'all origins are healthy'}.`;
  if (answering > 0) return `${onAir} and no origin is failing.`;
  const last = Math.max(...origins.flatMap((o) => (o.last_ok ? [instant(o.last_ok)] : [])));
  return `${onAir}. No origin request ${Number.isFinite(last) ? `for ${span(serverTime() - last)}` : 'yet'}, because nobody is watching.`;
}
const unknown = ['…', 'collecting'] as const;

function Figures({ everything: { status, streams, samples, cache } }: { everything: Everything }) {
  if (!status) return null;
  const rate = (counter: Parameters<typeof recentRate>[1]) => recentRate(samples, counter);
  const failed = rate('failed');
  const collecting = samples.length < 2; // a rate needs two
  const figures: [name: string, value: string, note?: string][] = [
    ['Viewers', streams.viewers > 0 && streams.viewers < 1 ? '< 1' : count(streams.viewers), 'estimated from requests'],
    ['Requests', ...(collecting ? unknown : [`${perSecond(rate('served') + rate('refused') + failed)}/s`, failed > 0 ? `${perSecond(failed)}/s failed` : 'no failures'] as const)],
    ['Sent', ...(collecting ? unknown : [bitRate(rate('bytes') * 8)] as const)],
    ['Origin requests', ...(collecting ? unknown : [`${perSecond(rate('originOK') + rate('originFailed'))}/s`, rate('originFailed') > 0 ? `${perSecond(rate('originFailed'))}/s failed` : 'no failures'] as const)],
    ['Stream cache', bytes(cache?.streams.bytes ?? 0), cache && `of ${bytes(cache.streams.limit_bytes)}`],
    ['Memory', bytes(status.memory_bytes)],
    ['Uptime', span((Date.parse(status.now) - Date.parse(status.started)) / 1000)],
  ];
  return (
    <section aria-label="Figures now">
      <dl class="figures">
        {figures.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}{note && <small class={/\/s failed$/.test(note) ? 'bad' : undefined}>{note}</small>}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
