import { useState } from 'preact/hooks';
import { ask, post, type Report } from './api';
import { Said, Sign, State, useDeed } from './parts';
import { duration, plural } from './format';

// pathOf takes what is copied from a player too: the whole address of a live stream.
export function pathOf(typed: string): string {
  const text = typed.trim();
  const address = /^https?:\/\/[^/]+(\/.*)$/i.exec(text)?.[1] ?? text;
  return address.startsWith('/') ? address : `/${address}`;
}

export function Check({ again }: { again: () => void }) {
  const [typed, setTyped] = useState('');
  const [report, setReport] = useState<Report | null>(null);
  const [deed, run] = useDeed();
  const query = () => `address=${encodeURIComponent(pathOf(typed))}`;
  const check = () => run(async () => {
    setReport(null);
    setReport(await ask<Report>(`/api/check?${query()}`));
    return '';
  });
  const load = () => run(async () => {
    setReport(null);
    const { id } = await post<{ id: string }>(`/api/load?${query()}`);
    again();
    location.hash = `#/stream/${id}`;
    return '';
  });
  return (
    <section class="panel" aria-labelledby="check">
      <div class="heading"><h2 id="check">Check or load an address</h2></div>
      <form class="check" onSubmit={(e) => { e.preventDefault(); check(); }}>
        <label>
          <span class="hidden">Player address</span>
          <input required value={typed} placeholder="/live/movie/master.m3u8" autocapitalize="off" spellcheck={false} onInput={(e) => setTyped(e.currentTarget.value)} />
        </label>
        <button type="submit" disabled={deed.busy}>Check</button>
        <button type="button" disabled={deed.busy || typed.trim() === ''} onClick={load}>Load</button>
      </form>
      <p class="quiet">Check reads the VOD at its origin and says what its live stream would be. Load puts it on air as a viewer’s request would.</p>
      <Said deed={deed} />
      {report && <Reported report={report} />}
    </section>
  );
}

function Reported({ report }: { report: Report }) {
  return (
    <div class="report" role="status">
      <p>
        {report.loops
          ? <State level="well">It can loop: {duration(report.length ?? 0)} a loop, {plural(report.renditions.length, 'rendition')}, target duration {report.target_duration} s, window {duration(report.window ?? 0)}.</State>
          : <State level="failing">{report.problems.some((p) => p.code === 'unreachable') ? 'Its origin does not answer, so this can’t be told now.' : 'It can’t be a live stream.'}</State>}
      </p>
      {report.problems.length > 0 && (
        <ul class="findings">
          {report.problems.map((p, i) => (
            <li key={i}><Sign level={p.severity === 'error' ? 'failing' : 'warning'} /><span>{where(p.rendition)}{p.detail} <code>{p.code}</code></span></li>
          ))}
        </ul>
      )}
      {report.repairs.length > 0 && (
        <details>
          <summary>{plural(report.repairs.length, 'thing')} will be repaired</summary>
          <ul>{report.repairs.map((r, i) => <li key={i}>{where(r.rendition)}{r.detail} <code>{r.code}</code></li>)}</ul>
        </details>
      )}
    </div>
  );
}

const where = (rendition: number) => (rendition < 0 ? '' : `Rendition ${rendition}: `);
