import type { Rendition, Stream } from './api';
import { bitRate, count, preciseTime } from './format';
import { segmentEnd } from './loop';
import { Copy } from './parts';

export function Renditions({ stream, base }: { stream: Stream; base: string }) {
  return (
    <section class="panel" aria-labelledby="renditions">
      <div class="heading"><h2 id="renditions">Renditions</h2><span class="quiet">{stream.media_renditions.length}</span></div>
      <table class="renditions">
        <thead>
          <tr>
            <th scope="col">Rendition</th>
            <th scope="col">Media</th>
            <th scope="col" class="number">Segments</th>
            <th scope="col" class="number">In the window</th>
            <th scope="col" class="number">Media sequence</th>
            <th scope="col" class="number">Discontinuity</th>
            <th scope="col" class="number">Ends at</th>
            <th scope="col">Player address</th>
          </tr>
        </thead>
        <tbody>{stream.media_renditions.map((r) => <Row key={r.index} r={r} base={base} />)}</tbody>
      </table>
    </section>
  );
}

function Row({ r, base }: { r: Rendition; base: string }) {
  const last = r.window.at(-1);
  const media = [r.resolution, r.bandwidth && bitRate(Number(r.bandwidth)), r.codecs, r.group && `group ${r.group}`, r.sliced && 'sliced'].filter(Boolean).join(' · ');
  return (
    <tr>
      <th scope="row">{r.index} {r.kind} {[r.name, r.language].filter(Boolean).join(' ')}{r.reference && <span class="tags"><span title="It sets the length of the loop">reference</span></span>}</th>
      <td data-name="Media">{media}</td>
      <td class="number" data-name="Segments">{count(r.segments)}</td>
      <td class="number" data-name="In the window">{count(r.window.length)}</td>
      <td class="number" data-name="Media sequence">{count(r.media_sequence)}</td>
      <td class="number" data-name="Discontinuity">{count(r.discontinuity_sequence)}</td>
      <td class="number" data-name="Ends at">{last ? preciseTime(segmentEnd(last)) : '–'}</td>
      <td><Copy text={base + r.address} label={`Address of rendition ${r.index}`} /></td>
    </tr>
  );
}
