// The arithmetic of the drawings: the position of an instant in its loop, and on the page. Instants are seconds since 1970.
import type { Break, Play, Rendition, WindowSegment } from './api';

export const instant = (text: string) => Date.parse(text) / 1000;

export const mod = (a: number, n: number) => ((a % n) + n) % n;

// position is how far into its loop an instant is. Any loop point will do as the anchor.
export const position = (at: number, loopPoint: number, length: number) => mod(at - loopPoint, length);

// untilLoopPoint is the time to the next loop point; at one, a whole loop.
export const untilLoopPoint = (at: number, loopPoint: number, length: number) => length - position(at, loopPoint, length);

export interface Span {
  from: number;
  to: number;
}

// windowSpan is the part of the loop that a window covers, at most one whole loop. It may begin before 0, in the previous loop.
export function windowSpan(edge: number, window: number, loopPoint: number, length: number): Span {
  const end = position(edge, loopPoint, length) || length;
  return { from: end - Math.min(window, length), to: end };
}

// arc is an SVG path clockwise along a circle around 0,0 that begins at the top.
export function arc({ from, to }: Span, length: number, radius: number): string {
  const point = (seconds: number) => {
    const angle = (seconds / length) * 2 * Math.PI;
    return `${(radius * Math.sin(angle)).toFixed(2)} ${(radius * -Math.cos(angle)).toFixed(2)}`;
  };
  if (to - from >= length * 0.9999) {
    const half = from + length / 2;
    return `M${point(from)}A${radius} ${radius} 0 0 1 ${point(half)}A${radius} ${radius} 0 0 1 ${point(from)}`;
  }
  return `M${point(from)}A${radius} ${radius} 0 ${to - from > length / 2 ? 1 : 0} 1 ${point(to)}`;
}

export const segmentEnd = (s: WindowSegment) => instant(s.start) + s.duration_seconds;

// edges is the newest end of the windows of all renditions, and the difference to the oldest.
export function edges(renditions: Rendition[]): { newest: number; apart: number } | null {
  const ends = renditions.flatMap((r) => r.window.slice(-1).map(segmentEnd));
  if (ends.length === 0) return null;
  const newest = Math.max(...ends);
  return { newest, apart: newest - Math.min(...ends) };
}

// loopPoints are the beginnings of the loops that have segments in a window: from the segments' own dates.
export function loopPoints(window: WindowSegment[]): Map<number, number> {
  const points = new Map<number, number>();
  for (const s of window) if (!points.has(s.loop)) points.set(s.loop, instant(s.start) - s.start_seconds);
  return points;
}

// playOf is the index of the play that a segment belongs to, of plays in their order.
export const playOf = (plays: Play[], s: WindowSegment) => plays.findLastIndex((p) => instant(p.start) <= instant(s.start));

// cueInstants are when the cues of a rendition are on air in its window.
export function cueInstants(r: Rendition): { at: number; tag: string }[] {
  const [first, last] = [r.window[0], r.window.at(-1)];
  if (!first || !last) return [];
  return [...loopPoints(r.window).values()]
    .flatMap((begin) => r.cues.map((cue) => ({ at: begin + cue.start_seconds, tag: cue.tag })))
    .filter(({ at }) => at >= instant(first.start) && at < segmentEnd(last));
}

// breaksWithin are the breaks between two instants, cut to these.
export function breaksWithin(breaks: Break[], from: number, to: number): (Span & { id: string })[] {
  return breaks
    .map((b) => ({ id: b.id, from: Math.max(instant(b.start), from), to: Math.min(instant(b.end), to) }))
    .filter((b) => b.from <= b.to);
}

// blocks is an SVG path of a rectangle for each segment, with a gap of a pixel between them.
export function blocks(window: WindowSegment[], zero: number, scale: number, y: number, height: number): string {
  return window.map((s) => {
    const x = (instant(s.start) - zero) * scale;
    const width = Math.max(s.duration_seconds * scale - 1, 0.5);
    return `M${x.toFixed(1)} ${y}h${width.toFixed(1)}v${height}h${(-width).toFixed(1)}z`;
  }).join('');
}

// tickStep is a round number of seconds between marks that are at least so many pixels apart.
export function tickStep(scale: number, pixels: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  return steps.find((step) => step * scale >= pixels) ?? 7200;
}
