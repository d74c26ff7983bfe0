import { useState } from 'preact/hooks';
import { ask, post, type Report } from './api';
import { Finding, Said, State, useDeed } from './parts';
import { duration, plural } from './format';

export function Check({ again }: { again: () => void }) {
  const [typed, setTyped] = useState('');
  const [report, setReport] = useState<Report | null>(null);
  const [deed, run] = useDeed();
  const query = () => `address=${encodeURIComponent(typed.trim())}`;
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
          <span class="hidden">Address of a VOD or of a live stream</span>
          <input required value={typed} placeholder="https://cdn.example.com/vod/movie/master.m3u8 or /live/movie/master.m3u8" autocapitalize="off" spellcheck={false} onInput={(e) => setTyped(e.currentTarget.value)} />
        </label>
        <button type="submit" disabled={deed.busy}>Check</button>
        <button type="button" disabled={deed.busy || typed.trim() === ''} onClick={load}>Load</button>
      </form>
      <p class="quiet">“Check” reads the VOD at its origin and reports what the live stream would be. “Load” loads the stream as a viewer request would.</p>
      <Said deed={deed} />
      {report && <Reported report={report} />}
    </section>
  );
}

export function Reported({ report }: { report: Report }) {
  const errors = report.problems.some((p) => p.severity === 'error');
  return (
    <div class="report" role="status">
      <p>
        {report.loops
          ? <State level={errors ? 'failing' : 'healthy'}>{errors ? 'It loops, but viewers will notice the errors below' : 'It can loop'}: loop of {duration(report.length_seconds)}, {plural(report.renditions.length, 'rendition')}, target duration {report.target_duration_seconds} s, window {duration(report.window_seconds)}.</State>
          : <State level="failing">{report.problems.some((p) => ['unreachable', 'origin-timeout'].includes(p.code)) ? 'The origin does not respond, so the result is unknown.' : 'It can’t be a live stream.'}</State>}
      </p>
      <p class="quiet">VOD {report.source || report.vod} of origin {report.origin}{report.address && `, viewer address ${report.address}`}</p>
      {report.problems.length > 0 && <ul class="findings">{report.problems.map((p, i) => <li key={i}><Finding p={p} /></li>)}</ul>}
      {report.repairs.length > 0 && (
        <details>
          <summary>{plural(report.repairs.length, 'change')} in the live stream</summary>
          <ul>{report.repairs.map((p, i) => <li key={i}><Finding p={p} /></li>)}</ul>
        </details>
      )}
    </div>
  );
}
