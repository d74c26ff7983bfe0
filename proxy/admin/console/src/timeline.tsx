import { useEffect, useRef, useState } from 'preact/hooks';
import type { Break, Play, Rendition, Stream, WindowSegment } from './api';
import { bitRate, count, timeOfDay } from './format';
import { apart, placed } from './labels';
import { blocks, breaksWithin, cueInstants, edges, instant, loopPoints, playOf, segmentEnd, tickStep } from './loop';
import { nameOf as titleOf } from './past';
import { useFrames } from './poll';

const top = 36; // for the names of the lines, in two rows
const upper = 11; // base line of the first of them
const row = 36;
const bar = 15; // height of a segment
const below = 18; // for the time of day
const most = 16; // drawn renditions

// Timeline draws the windows of all renditions below each other on one time axis, which moves to the left.
export function Timeline({ stream, frozen }: { stream: Stream; frozen: number | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  const moving = useRef<SVGGElement>(null);
  const width = useWidth(place);
  const renditions = stream.media_renditions.slice(0, most);
  const first = Math.min(...renditions.map((r) => (r.window[0] ? instant(r.window[0].start) : Infinity)));
  const anchor = edges(renditions)?.newest ?? instant(stream.live_edge);
  // A tenth of the width is to the right of now, for the next segments. Now is at most a segment after the newest edge.
  const span = (Math.max(stream.window_seconds, anchor - first) + stream.target_duration_seconds) * 1.1;
  const scale = width / span;
  const here = width - (span / 11) * scale; // x of now
  const drawn = useRef({ x: 0, width: 0, stream });
  useFrames((at) => {
    const x = here + (anchor - (frozen ?? at)) * scale;
    const last = drawn.current;
    if (!moving.current || Math.abs(x - last.x) < 0.4 && last.width === width && last.stream === stream) return;
    drawn.current = { x, width, stream };
    moving.current.setAttribute('transform', `translate(${x.toFixed(1)} 0)`);
    for (const line of moving.current.querySelectorAll<SVGGElement>('.labels')) settle(line, x, width);
  });
  const height = top + renditions.length * row + below;
  return (
    <div ref={place} class="timeline">
      {width > 0 && Number.isFinite(first) && (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={description(renditions) + onBreaks(stream.breaks, first, anchor)}>
          <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 3h6" /></pattern></defs>
          <path class="now" d={across(here, renditions.length)} />
          <g ref={moving}>
            <Times from={first} to={anchor + span / 5} anchor={anchor} scale={scale} height={height} />
            <Breaks stream={stream} first={first} anchor={anchor} scale={scale} rows={renditions.length} to={anchor + span / 5} />
            {renditions.map((r, i) => <Row key={r.index} r={r} plays={stream.plays} y={top + i * row + 18} anchor={anchor} scale={scale} />)}
            <Edge x={(instant(stream.live_edge) - anchor) * scale} rows={renditions.length} />
            {stream.plays.length > 0
              ? <ItemStarts stream={stream} first={first} anchor={anchor} scale={scale} rows={renditions.length} />
              : <LoopPoints stream={stream} first={first} anchor={anchor} scale={scale} rows={renditions.length} />}
          </g>
          {renditions.map((r, i) => <text key={r.index} class="name" x="0" y={top + i * row + 13}>{nameOf(r)}</text>)}
          <text class="label" x={Math.min(here + 4, width - 22)} y={upper}>now</text>
        </svg>
      )}
      {stream.media_renditions.length > most && <p class="quiet">The first {most} of {count(stream.media_renditions.length)} renditions are shown.</p>}
    </div>
  );
}

// across is a line over the segments of all renditions. It leaves out the names between them.
const across = (x: number, rows: number) => `M${x.toFixed(1)} ${upper - 9}V${upper}` + Array.from({ length: rows }, (_, i) => `M${x.toFixed(1)} ${top + i * row + 16}v${bar + 4}`).join('');

function Edge({ x, rows }: { x: number; rows: number }) {
  return (
    <g>
      <path class="edge" d={across(x, rows)} />
      <text class="label" x={(x - 4).toFixed(1)} y={upper} text-anchor="end">live edge</text>
    </g>
  );
}

function useWidth(place: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!place.current) return; // the page was left before it was drawn
    const resized = new ResizeObserver(() => setWidth(Math.floor(place.current?.clientWidth ?? 0)));
    resized.observe(place.current);
    return () => resized.disconnect();
  }, []);
  return width;
}

export const nameOf = (r: Rendition) =>
  [r.index, r.kind, r.name, r.language, r.resolution, r.bandwidth && bitRate(Number(r.bandwidth)), r.reference && '(reference)'].filter((part) => part !== '' && part !== false).join(' ');

interface RowProps {
  r: Rendition;
  plays: Play[];
  y: number;
  anchor: number;
  scale: number;
}

function Row({ r, plays, y, anchor, scale }: RowProps) {
  const isEven = (s: WindowSegment) => (plays.length > 0 ? playOf(plays, s) : s.loop) % 2 === 0;
  const path = (which: (s: WindowSegment) => boolean) => blocks(r.window.filter(which), anchor, scale, y, bar);
  const x = (at: number) => ((at - anchor) * scale).toFixed(1);
  return (
    <g>
      <path class="even" d={path((s) => !s.gap && isEven(s))} />
      <path class="odd" d={path((s) => !s.gap && !isEven(s))} />
      <path class="gap" d={path((s) => s.gap)} />
      {r.window.filter((s) => s.discontinuity && s.index > 0).map((s) => <path key={s.sequence} class="discontinuity" d={`M${x(instant(s.start))} ${y + bar / 2 - 6}l5 6l-5 6l-5 -6z`} />)}
      {plays.length === 0 && cueInstants(r).map((c) => <path key={`${c.at} ${c.tag}`} class="cue" d={`M${x(c.at)} ${y + bar - 5}l-4 8h8z`}><title>{c.tag}</title></path>)}
    </g>
  );
}

interface LinesProps {
  stream: Stream;
  first: number;
  anchor: number;
  scale: number;
  rows: number;
}

// LoopPoints are those in the window, and the next one.
function LoopPoints({ stream, first, anchor, scale, rows }: LinesProps) {
  const points = new Map(stream.media_renditions.flatMap((r) => [...loopPoints(r.window)]));
  const newest = Math.max(...points.keys());
  points.set(newest + 1, points.get(newest)! + stream.length_seconds);
  const far = stream.length_seconds * scale;
  const show = (loop: number) => (far >= 110 ? `loop ${count(loop)}` : far >= 44 ? `…${String(loop).slice(-3)}` : '');
  const shown = [...points].filter(([, at]) => at >= first - 0.5);
  const labels = shown.map(([loop, at]) => ({ text: show(loop), x: (at - anchor) * scale, slides: false }));
  const marks = breaksWithin(stream.breaks, first, anchor + (anchor - first) / 5)
    .map((b) => ({ text: 'break', x: (b.from - anchor) * scale, slides: false }))
    .filter(({ x }) => !labels.some((l) => Math.abs(l.x - x) < 1));
  return (
    <>
      {shown.map(([loop, at]) => <path key={loop} class="point" d={overBars((at - anchor) * scale, rows)} />)}
      <Labels y={top - 8} all={[...labels, ...marks].sort((a, b) => a.x - b.x)} />
    </>
  );
}

// Breaks are bands below the segments of all renditions, including coming breaks. A break without length is a line.
function Breaks({ stream, first, anchor, scale, rows, to }: LinesProps & { to: number }) {
  return (
    <g>
      {breaksWithin(stream.breaks, first, to).map((b) => {
        const width = Math.max((b.to - b.from) * scale, 2).toFixed(1);
        const above = b.from === b.to ? bar + 2 : 0;
        const bands = Array.from({ length: rows }, (_, i) => `M${((b.from - anchor) * scale).toFixed(1)} ${top + i * row + 33 - above}h${width}v${above + 3}h-${width}z`);
        return <path key={b.id} class="break" d={bands.join('')}><title>{`break ${b.id}`}</title></path>;
      })}
    </g>
  );
}

// ItemStarts are those in the window of a channel, and the next one.
function ItemStarts({ stream, first, anchor, scale, rows }: LinesProps) {
  const starts = stream.plays.map((p) => ({ at: instant(p.start), name: titleOf(p), room: (instant(p.end) - instant(p.start)) * scale }));
  const coming = starts.findIndex(({ at }) => at > anchor);
  const shown = starts.slice(0, coming < 0 ? starts.length : coming + 1).filter(({ at }, i) => at >= first - 0.5 || (starts[i + 1]?.at ?? Infinity) > first);
  return (
    <>
      {shown.map(({ at }) => <path key={at} class="point" d={overBars((at - anchor) * scale, rows)} />)}
      <Labels y={top - 8} all={shown.map(({ at, name, room }) => ({ text: shortened(name, room), x: (at - anchor) * scale, slides: true }))} />
    </>
  );
}

// overBars is a line over the segments of all renditions.
const overBars = (x: number, rows: number) => across(x, rows).replace(/^M[^M]*/, '');

const letter = 6; // width in pixels, about

// Labels are on one line. Those without room are not shown. A label that slides is to the right of its place.
function Labels({ y, all, of = '' }: { y: number; of?: string; all: { text: string; x: number; slides: boolean }[] }) {
  return (
    <g class={`labels ${of}`}>
      {all.filter(({ text }) => text).map(({ text, x, slides }) => {
        const [from, wide] = [slides ? x : x - (text.length * letter) / 2, text.length * letter];
        return <text key={x} class="label" x={x.toFixed(1)} y={y} text-anchor={slides ? 'start' : 'middle'} data-from={from} data-to={from + wide} data-slides={slides ? '' : undefined}>{text}</text>;
      })}
    </g>
  );
}

// settle shows the labels of a line that have room after the line has moved.
function settle(line: SVGGElement, shift: number, width: number): void {
  const texts = [...line.querySelectorAll('text')];
  const moved = placed(texts.map(({ dataset: d }) => ({ from: Number(d.from), to: Number(d.to), slides: d.slides !== undefined })), shift, width);
  texts.forEach((text, i) => {
    const by = moved[i] ?? null;
    text.setAttribute('visibility', by === null ? 'hidden' : 'visible');
    text.setAttribute('transform', `translate(${(by ?? 0).toFixed(1)} 0)`);
  });
}

// shortened cuts a name to the available width.
function shortened(name: string, room: number): string {
  const most = Math.floor((room - apart) / letter);
  return name.length <= most ? name : most > 3 ? `${name.slice(0, most - 1)}…` : '';
}

function Times({ from, to, anchor, scale, height }: { from: number; to: number; anchor: number; scale: number; height: number }) {
  const step = tickStep(scale, 80);
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return (
    <g>
      {ticks.map((at) => <path key={at} class="tick" d={`M${((at - anchor) * scale).toFixed(1)} ${top}V${height - below + 3}`} />)}
      <Labels y={height - 4} of="times" all={ticks.map((at) => ({ text: timeOfDay(at), x: (at - anchor) * scale, slides: false }))} />
    </g>
  );
}

function onBreaks(breaks: Break[], from: number, to: number): string {
  const told = breaksWithin(breaks, from, to).map((b) => (b.from === b.to ? timeOfDay(b.from) : `${timeOfDay(b.from)} to ${timeOfDay(b.to)}`));
  return told.length > 0 ? ` Breaks: ${told.join(', ')}.` : '';
}

function description(renditions: Rendition[]): string {
  const told = renditions.map((r) => {
    const [first, last] = [r.window[0], r.window.at(-1)];
    if (!first || !last) return `${nameOf(r)}: no segments yet`;
    return `${nameOf(r)}: ${r.window.length} segments from ${timeOfDay(instant(first.start))} to ${timeOfDay(segmentEnd(last))}`;
  });
  return `The live windows of all renditions over time. ${told.join('. ')}.`;
}
