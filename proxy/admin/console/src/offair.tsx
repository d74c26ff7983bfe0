import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type OffAir, type Report } from './api';
import { Reported } from './check';
import { Events } from './events';
import { ago, timeOfDay } from './format';
import { instant } from './loop';
import type { Everything } from './main';
import { Copy, Said, State, useDeed, useTitle, Words } from './parts';
import { useSeconds } from './poll';
import { ofOrigin, type Verdict } from './verdict';

// OffAirPage shows a channel that is not loaded. Once it is, the stream's page replaces this one.
export function OffAirPage({ c, everything, judged }: { c: OffAir; everything: Everything; judged: Verdict }) {
  useTitle(judged, c.address);
  const now = useSeconds();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const origin = everything.origins.find((o) => o.name === c.origin);
  const since = c.since ? instant(c.since) : undefined;
  return (
    <main>
      <nav class="back" aria-label="Pages">
        <a href="#/">All streams</a>
        <State level={judged.level}>{judged.title}</State>
      </nav>
      <h1 ref={heading} tabIndex={-1} class="address">{c.address}</h1>
      <section class="actions" aria-label="Address"><Copy text={everything.base + c.address} label="Player address" /></section>
      <section class="panel facts" aria-labelledby="why">
        <div class="heading"><h2 id="why"><State level={c.error ? 'failing' : 'unknown'}>{c.error ? 'Off air' : 'Loading'}</State></h2>{since !== undefined && <span class="quiet">since {timeOfDay(since)} UTC, {ago(now - since)}</span>}</div>
        {c.error && <p class="cause"><strong>{c.error}</strong> <code title={c.link}>{c.code}</code></p>}
        {c.error && <p><Words>{c.advice}</Words> vod2live retries every few seconds. Once the cause is gone, the channel goes on air by itself.</p>}
        <dl>
          {c.vod && <div><dt>{c.lists ? 'Item that can’t be played' : 'VOD'}</dt><dd>{c.origin}: {c.vod}</dd></div>}
          {origin && <div><dt>Origin {c.origin}</dt><dd>{ofOrigin(origin, now)[1]}</dd></div>}
        </dl>
        {c.vod && <CheckVOD address={c.address} name={c.lists ? 'Check this item now' : 'Check the VOD now'} />}
        {c.lists && <p class="quiet">To check all items of the channel, run <code>vod2live check -config FILE -channel {c.channel}</code>.</p>}
      </section>
      <Events mount={c.channel} path="master.m3u8" />
    </main>
  );
}

function CheckVOD({ address, name }: { address: string; name: string }) {
  const [report, setReport] = useState<Report | null>(null);
  const [deed, run] = useDeed();
  const check = () => run(async () => {
    setReport(null);
    setReport(await ask<Report>(`/api/check?address=${encodeURIComponent(address)}`));
    return '';
  });
  return (
    <>
      <button type="button" disabled={deed.busy} onClick={check}>{name}</button>
      <Said deed={deed} />
      {report && <Reported report={report} />}
    </>
  );
}
