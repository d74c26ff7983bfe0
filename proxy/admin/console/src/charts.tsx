import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { bitRate, perSecond, span } from './format';
import { rates, recentRate, type Counter, type Sample } from './samples';

interface Line {
  name: string;
  counter: Counter;
  color: string; // name of a colour of style.css
}

interface Chart {
  title: string;
  lines: Line[];
  show: (rate: number) => string;
  least: number; // lowest top of the axis
}

const perSecondOf = (n: number) => `${perSecond(n)}/s`;

const charts: Chart[] = [
  {
    title: 'Viewer requests', show: perSecondOf, least: 1,
    lines: [{ name: 'served', counter: 'served', color: '--series' }, { name: '4xx', counter: 'refused', color: '--series-odd' }, { name: '5xx', counter: 'failed', color: '--series-bad' }],
  },
  {
    title: 'Origin requests', show: perSecondOf, least: 1,
    lines: [{ name: 'ok', counter: 'originOK', color: '--series' }, { name: 'failed', counter: 'originFailed', color: '--series-bad' }],
  },
  {
    title: 'Playlist cache', show: perSecondOf, least: 1,
    lines: [{ name: 'hit', counter: 'hit', color: '--series' }, { name: 'miss', counter: 'miss', color: '--series-odd' }],
  },
  { title: 'Sent to viewers', show: (n) => bitRate(n * 8), least: 50_000, lines: [{ name: 'all', counter: 'bytes', color: '--series' }] },
];

export function Charts({ samples }: { samples: Sample[] }) {
  const [first, last] = [samples[0], samples.at(-1)];
  const since = first && last && last.at > first.at ? `last ${span(last.at - first.at)}` : 'starts now';
  return (
    <section class="panel" aria-labelledby="charts">
      <div class="heading"><h2 id="charts">Traffic</h2><span class="quiet">{since}, while this page is open</span></div>
      <div class="charts">{charts.map((c) => <Plot key={c.title} chart={c} samples={samples} />)}</div>
    </section>
  );
}

function Plot({ chart, samples }: { chart: Chart; samples: Sample[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(samples);
  latest.current = samples;
  const drawn = samples.length > 2; // two rates make a line
  useEffect(() => {
    if (!drawn) return;
    let gone = false;
    let stop = () => {};
    void import('./plot').then(({ draw }) => {
      if (!gone && place.current) stop = draw(place.current, { ...chart, colors: chart.lines.map((l) => l.color) }, (p) => {
        plot.current = p;
        p.setData(dataOf(chart, latest.current));
      });
    });
    return () => {
      gone = true;
      stop();
    };
  }, [chart, drawn]);
  useEffect(() => { plot.current?.setData(dataOf(chart, samples)); }, [samples]);
  const now = chart.lines.map((l) => (drawn ? `${l.name} ${chart.show(recentRate(samples, l.counter))}` : l.name));
  return (
    <figure>
      <figcaption>
        <strong>{chart.title}</strong>
        {chart.lines.map((l, i) => <span key={l.name}><i style={{ background: `var(${l.color})` }} />{now[i]}</span>)}
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${chart.title}, a chart. Now: ${now.join(', ')}.`}>{!drawn && <span class="collecting">collecting…</span>}</div>
    </figure>
  );
}

const dataOf = ({ lines }: Chart, samples: Sample[]): uPlot.AlignedData =>
  [samples.slice(1).map((s) => s.at), ...lines.map((l, i) => (i === 0 ? rates(samples, l.counter) : risen(rates(samples, l.counter))))];

// risen leaves out the zeros, so that no line of failures is drawn unless something failed.
export const risen = (values: number[]) => values.map((v, i) => (v || values[i - 1] || values[i + 1] ? v : null));
