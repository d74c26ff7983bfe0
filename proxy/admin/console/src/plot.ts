// The charting library, in a file of its own that is loaded after the first paint.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { niceTop } from './format';

const height = 92;

export interface Look {
  colors: string[]; // names of colours of style.css
  show: (value: number) => string;
  least: number; // lowest top of the axis
}

// draw keeps a chart in a place, and makes it anew when the width or the colours change. Call what it returns to end that.
export function draw(place: HTMLElement, look: Look, made: (plot: uPlot) => void): () => void {
  let plot: uPlot | undefined;
  const make = () => {
    plot?.destroy();
    plot = new uPlot(options(place, look), [[], ...look.colors.map(() => [])], place);
    made(plot);
  };
  const resized = new ResizeObserver(() => {
    if (!plot) make();
    else plot.setSize({ width: place.clientWidth, height });
  });
  resized.observe(place);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', make);
  return () => {
    resized.disconnect();
    scheme.removeEventListener('change', make);
    plot?.destroy();
  };
}

function options(place: HTMLElement, { colors, show, least }: Look): uPlot.Options {
  const style = getComputedStyle(place);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--quiet'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: place.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 28, 0, 0], // room for half of the newest time label
    scales: { y: { range: (_plot, _min, max) => [0, niceTop(Math.max(max, least))] } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    axes: [
      { ...axis, grid: { show: false }, size: 22, gap: 6, space: 70, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300], values: (_plot, at) => at.map((t) => new Date(t * 1000).toISOString().slice(11, 19)) },
      { ...axis, size: 62, gap: 4, splits: (_plot, _axis, _min, max) => [0, max / 2, max], values: (_plot, at) => at.map(show) }, // the top has its label
    ],
    series: [{}, ...colors.map((name) => ({ stroke: color(name), width: name === '--series' ? 1.5 : 2, points: { show: false } }))],
  };
}
