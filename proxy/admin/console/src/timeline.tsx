import { useEffect, useRef, useState } from 'preact/hooks';
import type { Break, Play, Rendition, Stream, WindowSegment } from './api';
import { bitRate, count, timeOfDay } from './format';
import { blocks, breaksWithin, cueInstants, edges, instant, loopPoints, playOf, segmentEnd, tickStep } from './loop';
import { nameOf as titleOf } from './past';
import { useFrames } from './poll';

const top = 36; // for the names of the lines, in two rows
const upper = 11; // base line of the first of them
const row = 36;
const bar = 15; // height of a segment
const below = 18; // for the time of day
const most = 16; // renditions that are drawn

// Timeline draws the windows of all renditions above each other over the same time, which moves to the left.
export function Timeline({ stream, frozen }: { stream: Stream; frozen: number | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  const moving = useRef<SVGGElement>(null);
  const width = useWidth(place);
  const renditions = stream.media_renditions.slice(0, most);
  const first = Math.min(...renditions.map((r) => (r.window[0] ? instant(r.window[0].start) : Infinity)));
  const anchor = edges(renditions)?.newest ?? instant(stream.live_edge);
  // So much room is right of now: a tenth, for what comes next. Now is at most a segment after the newest edge.
  const span = (Math.max(stream.window_seconds, anchor - first) + stream.target_duration_seconds) * 1.1;
  const scale = width / span;
  const here = width - (span / 11) * scale; // x of now
  const shift = useRef(0);
  useFrames((at) => {
    const x = here + (anchor - (frozen ?? at)) * scale;
    if (Math.abs(x - shift.current) < 0.4 && moving.current?.hasAttribute('transform')) return;
    shift.current = x;
    moving.current?.setAttribute('transform', `translate(${x.toFixed(1)} 0)`);
  });
  const height = top + renditions.length * row + below;
  return (
    <div ref={place} class="timeline">
      {width > 0 && Number.isFinite(first) && (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={description(renditions) + onBreaks(stream.breaks, first, anchor)}>
          <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 3h6" /></pattern></defs>
          <g ref={moving}>
            <Times from={first} to={anchor + span / 5} anchor={anchor} scale={scale} height={height} />
            <Breaks stream={stream} first={first} anchor={anchor} scale={scale} bottom={height - below} to={anchor + span / 5} />
            {renditions.map((r, i) => <Row key={r.index} r={r} plays={stream.plays} y={top + i * row + 18} anchor={anchor} scale={scale} />)}
            <Edge x={(instant(stream.live_edge) - anchor) * scale} bottom={height - below} />
            {stream.plays.length > 0
              ? <ItemStarts stream={stream} first={first} anchor={anchor} scale={scale} bottom={height - below} />
              : <LoopPoints stream={stream} first={first} anchor={anchor} scale={scale} bottom={height - below} />}
          </g>
          {renditions.map((r, i) => <text key={r.index} class="name" x="0" y={top + i * row + 13}>{nameOf(r)}</text>)}
          <path class="now" d={`M${here.toFixed(1)} ${upper + 3}V${height - below}`} />
          <text class="label" x={Math.min(here + 4, width - 22)} y={upper}>now</text>
        </svg>
      )}
      {stream.media_renditions.length > most && <p class="quiet">The first {most} of {count(stream.media_renditions.length)} renditions are drawn.</p>}
    </div>
  );
}

function Edge({ x, bottom }: { x: number; bottom: number }) {
  return (
    <g>
      <path class="edge" d={`M${x.toFixed(1)} ${upper + 3}V${bottom}`} />
      <text class="label" x={(x - 4).toFixed(1)} y={upper} text-anchor="end">live edge</text>
    </g>
  );
}

function useWidth(place: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!place.current) return; // it was left before it was drawn
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
  bottom: number;
}

// LoopPoints are those in the window, and the one that comes.
function LoopPoints({ stream, first, anchor, scale, bottom }: LinesProps) {
  const points = new Map(stream.media_renditions.flatMap((r) => [...loopPoints(r.window)]));
  const newest = Math.max(...points.keys());
  points.set(newest + 1, points.get(newest)! + stream.length_seconds);
  const far = stream.length_seconds * scale;
  const show = (loop: number) => (far >= 110 ? `loop ${count(loop)}` : far >= 44 ? `…${String(loop).slice(-3)}` : '');
  return (
    <g>
      {[...points].filter(([, at]) => at >= first - 0.5).map(([loop, at]) => {
        const x = ((at - anchor) * scale).toFixed(1);
        return (
          <g key={loop}>
            <path class="point" d={`M${x} ${top - 2}V${bottom}`} />
            <text class="label" x={x} y={top - 8} text-anchor="middle">{show(loop)}</text>
          </g>
        );
      })}
    </g>
  );
}

// Breaks are bands over all renditions, those to come as well.
function Breaks({ stream, first, anchor, scale, bottom, to }: LinesProps & { to: number }) {
  return (
    <g>
      {breaksWithin(stream.breaks, first, to).map((b) => {
        const width = Math.max((b.to - b.from) * scale, 2).toFixed(1);
        return <path key={b.id} class="break" d={`M${((b.from - anchor) * scale).toFixed(1)} ${top - 2}h${width}V${bottom}h-${width}z`}><title>{`break ${b.id}`}</title></path>;
      })}
    </g>
  );
}

// ItemStarts are those in the window of a channel, and the one that comes.
function ItemStarts({ stream, first, anchor, scale, bottom }: LinesProps) {
  const starts = stream.plays.map((p) => ({ at: instant(p.start), name: titleOf(p), room: (instant(p.end) - instant(p.start)) * scale }));
  const coming = starts.findIndex(({ at }) => at > anchor);
  const shown = starts.slice(0, coming < 0 ? starts.length : coming + 1).filter(({ at }) => at >= first - 0.5);
  return (
    <g>
      {shown.map(({ at, name, room }) => {
        const x = ((at - anchor) * scale).toFixed(1);
        return (
          <g key={at}>
            <path class="point" d={`M${x} ${top - 2}V${bottom}`} />
            <text class="label" x={x} y={top - 8}>{shortened(name, room)}</text>
          </g>
        );
      })}
    </g>
  );
}

const letter = 6; // pixels of one

// shortened is as much of a name as there is room for.
function shortened(name: string, room: number): string {
  const most = Math.floor(room / letter);
  return name.length <= most ? name : most > 3 ? `${name.slice(0, most - 1)}…` : '';
}

function Times({ from, to, anchor, scale, height }: { from: number; to: number; anchor: number; scale: number; height: number }) {
  const step = tickStep(scale, 80);
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return (
    <g>
      {ticks.map((at) => {
        const x = ((at - anchor) * scale).toFixed(1);
        return (
          <g key={at}>
            <path class="tick" d={`M${x} ${top}V${height - below + 3}`} />
            <text class="label" x={x} y={height - 4} text-anchor="middle">{timeOfDay(at)}</text>
          </g>
        );
      })}
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
