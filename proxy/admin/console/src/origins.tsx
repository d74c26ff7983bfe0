import type { Origin } from './api';
import { ago, count, plural, span } from './format';
import { instant } from './loop';
import { State } from './parts';
import { serverTime, useSeconds } from './poll';
import { ofOrigin } from './verdict';

export function Origins({ origins }: { origins: Origin[] }) {
  const now = useSeconds();
  return (
    <section class="panel" aria-labelledby="origins">
      <div class="heading"><h2 id="origins">Origins</h2></div>
      <ul class="origins">{origins.map((o) => <One key={o.name} o={o} now={now} />)}</ul>
    </section>
  );
}

function One({ o, now }: { o: Origin; now: number }) {
  const [level, words] = ofOrigin(o, now);
  const outcomes = Object.entries(o.requests).filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  return (
    <li>
      <div class="line">
        <strong>{o.name}</strong>
        <State level={level}>{words}{o.failing_since && ` for ${span(now - instant(o.failing_since))}`}</State>
        {level === 'healthy' && o.mean_latency_seconds !== null && <span class="quiet">{Math.max(1, Math.round(o.mean_latency_seconds * 1000))} ms</span>}
        {o.last_ok && o.state === 'failing' && <span class="quiet">last healthy {ago(now - instant(o.last_ok))}</span>}
      </div>
      {o.places.length > 1
        ? <ul>{o.places.map((p) => <Place key={p.url} p={p} />)}</ul>
        : <div class="address">{o.url}</div>}
      {o.signed && <div class="quiet">requests are signed (S3)</div>}
      {o.segments === 'direct' && <div class="quiet">players fetch segments from here directly</div>}
      {o.last_error && o.state !== 'ok' && <div class="bad">{o.last_error}</div>}
      {outcomes.length > 0 && <div class="quiet outcomes"><span>requests:</span>{outcomes.map(([name, n]) => <span key={name}>{name.replace('_', ' ')} {count(n)}</span>)}</div>}
    </li>
  );
}

function Place({ p }: { p: Origin['places'][number] }) {
  const wait = p.paused_until ? Math.ceil(instant(p.paused_until) - serverTime()) : 0;
  return (
    <li>
      <span class="address">{p.url}</span>{' '}
      {p.failures > 0 && <span class="bad">failed {plural(p.failures, 'time')}{wait > 0 && `, next request in ${wait}\u00a0s`}</span>}
    </li>
  );
}
