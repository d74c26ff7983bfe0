import { useRef } from 'preact/hooks';
import type { Stream } from './api';
import { count, countdown, duration, plural, wait } from './format';
import { arc, instant, position, untilLoopPoint, windowSpan } from './loop';
import { useFrames } from './poll';

const radius = 86;
const width = 18;
const mostTicks = 240; // more boundaries can't be told apart, and are not drawn

// Ring draws one loop of the VOD, clockwise from the loop point at its top.
export function Ring({ stream: s, frozen }: { stream: Stream; frozen: number | undefined }) {
  const hand = useRef<SVGGElement>(null);
  const left = useRef<SVGTextElement>(null);
  const length = s.length_seconds;
  const point = s.next_loop ? instant(s.next_loop) : 0;
  const begins = instant(s.now) + s.begins_in_seconds;
  const waiting = s.begins_in_seconds > 0;
  const draw = (at: number) => {
    const now = frozen ?? at;
    hand.current?.setAttribute('transform', `rotate(${((position(now, point, length) / length) * 360).toFixed(2)})`);
    const text = waiting ? wait(begins - now) : countdown(untilLoopPoint(now, point, length));
    if (left.current && left.current.textContent !== text) left.current.textContent = text;
  };
  useFrames(draw);
  const reference = s.media_renditions.find((r) => r.reference) ?? s.media_renditions[0];
  const window = windowSpan(instant(s.live_edge), s.window_seconds, point, length);
  const boundaries = reference?.boundaries ?? [];
  const turn = (seconds: number) => `rotate(${((seconds / length) * 360).toFixed(3)})`;
  const marks = marksOf(s);
  return (
    <section class="panel ring" aria-labelledby="loop">
      <div class="heading"><h2 id="loop">Loop</h2><span class="quiet">{duration(length)}, {reference ? plural(reference.segments, 'segment') : ''}</span></div>
      <svg viewBox="-122 -122 244 244" role="img" aria-label={description(s, marks)}>
        <circle class="loop" r={radius} stroke-width={width} />
        {!waiting && <path class="window" d={arc(window, length, radius)} stroke-width={width} />}
        {marks.gaps.map(({ start_seconds: from, duration_seconds: lasts }) => {
          const d = arc({ from, to: from + lasts }, length, radius);
          return <g key={from}><path class="hole" d={d} stroke-width={width} /><path class="gap" d={d} stroke-width={width - 8} /></g>;
        })}
        {boundaries.length <= mostTicks && boundaries.map((b) => <path key={b} class="boundary" d={`M0 ${-radius - width / 2}v${width}`} transform={turn(b)} />)}
        {marks.discontinuities.map((d) => <path key={d} class="discontinuity" d={`M0 ${-radius - 19}l5 5l-5 5l-5 -5z`} transform={turn(d)} />)}
        {marks.cues.map((c) => <path key={`${c.start_seconds} ${c.tag}`} class="cue" d={`M0 ${-radius + 11}l-4.5 8h9z`} transform={turn(c.start_seconds)} />)}
        <path class="point" d={`M0 ${-radius - 15}v${width + 12}`} />
        <text class="small" y={-radius - 20}>loop point</text>
        {!waiting && (
          <>
            <circle class="edge" r="5" cy={-radius} transform={turn(window.to)} />
            <g ref={hand} class="hand"><path d={`M0 ${-radius + 18}V${-radius - 12}`} /></g>
            <text class="small" y="-30">loop</text>
            <text class={s.loop < 1e8 ? 'big' : 'big long'} y="-8">{count(s.loop)}</text>
          </>
        )}
        <text class="small" y={waiting ? -8 : 18}>{waiting ? 'starts in' : 'next in'}</text>
        <text class="big" y={waiting ? 15 : 41} ref={left} />
      </svg>
      <ul class="legend" aria-hidden="true">
        {!waiting && <><li class="window">window</li><li class="edge">live edge</li><li class="hand">now</li></>}
        {marks.discontinuities.length > 0 && <li class="discontinuity">{plural(marks.discontinuities.length, 'discontinuity', 'discontinuities')}</li>}
        {marks.gaps.length > 0 && <li class="gap">{plural(marks.gaps.length, 'gap')}</li>}
        {marks.cues.length > 0 && <li class="cue">{plural(marks.cues.length, 'cue')}</li>}
      </ul>
    </section>
  );
}

const mostMarks = 200;

// marksOf are those of all renditions, equal ones once.
function marksOf({ media_renditions: renditions }: Stream) {
  const once = <T, >(all: T[], key: (one: T) => string) => [...new Map(all.map((one) => [key(one), one])).values()].slice(0, mostMarks);
  return {
    discontinuities: once(renditions.flatMap((r) => r.discontinuities), (d) => d.toFixed(1)),
    gaps: once(renditions.flatMap((r) => r.gaps), (g) => `${g.start_seconds.toFixed(1)} ${g.duration_seconds.toFixed(1)}`),
    cues: once(renditions.flatMap((r) => r.cues), (c) => `${c.start_seconds.toFixed(1)} ${c.tag}`),
  };
}

function description(s: Stream, marks: ReturnType<typeof marksOf>): string {
  const within = position(instant(s.live_edge), s.next_loop ? instant(s.next_loop) : 0, s.length_seconds);
  const parts = [
    `A loop of ${duration(s.length_seconds)} drawn as a ring.`,
    s.begins_in_seconds > 0 ? 'It has not started.' : `Loop ${count(s.loop)}, live edge at ${duration(within)}, window of ${duration(s.window_seconds)}.`,
    ...marks.discontinuities.map((d) => `Discontinuity at ${duration(d)}.`),
    ...marks.gaps.map((g) => `Gap at ${duration(g.start_seconds)} for ${duration(g.duration_seconds)}.`),
    ...marks.cues.map((c) => `${c.tag} at ${duration(c.start_seconds)}.`),
  ];
  return parts.slice(0, 20).join(' ');
}
