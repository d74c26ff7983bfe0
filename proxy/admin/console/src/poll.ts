// Asking again and again, and the server's clock.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Refused } from './api';

export interface Polled<T> {
  value?: T;
  error?: string;
  gone?: boolean; // 404: it no longer exists
}

// usePoll loads at once and then after each pause, in milliseconds, while the page is visible. A new key starts over.
export function usePoll<T>(key: string, load: (signal: AbortSignal) => Promise<T>, pause: (value?: T) => number): Polled<T> & { again: () => void } {
  const [polled, setPolled] = useState<Polled<T> & { key: string }>({ key });
  const again = useRef(() => {});
  const latest = useRef({ load, pause });
  latest.current = { load, pause };
  useEffect(() => {
    const asked = poll<T>((signal) => latest.current.load(signal), (value) => latest.current.pause(value), (p) => setPolled({ key, ...p }));
    again.current = asked.again;
    return asked.end;
  }, [key]);
  return { ...(polled.key === key ? polled : {}), again: () => again.current() };
}

// retryPause is the pause after this many failures in a row, in milliseconds.
export const retryPause = (failures: number) => Math.min(2000 * 2 ** (failures - 1), 10_000);

// poll loads repeatedly and reports each result. A failed load keeps the previous value, except for a 404.
export function poll<T>(load: (signal: AbortSignal) => Promise<T>, pause: (value?: T) => number, tell: (polled: Polled<T>) => void) {
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let value: T | undefined;
  let failures = 0;
  let running = false;
  const next = async () => {
    if (running) return;
    running = true;
    clearTimeout(timer);
    const began = performance.now();
    let polled: Polled<T>;
    try {
      value = await load(end.signal);
      failures = 0;
      polled = { value };
    } catch (error) {
      const gone = error instanceof Refused && error.status === 404;
      if (gone) value = undefined;
      failures++;
      polled = { ...(value !== undefined && { value }), error: (error as Error).message, gone };
    }
    running = false;
    if (end.signal.aborted) return;
    tell(polled);
    const took = performance.now() - began; // slow answers are requested less often
    if (!document.hidden) timer = setTimeout(next, Math.max(failures > 0 ? retryPause(failures) : pause(value), 10 * took));
  };
  const seen = () => {
    if (document.hidden) clearTimeout(timer);
    else void next();
  };
  document.addEventListener('visibilitychange', seen);
  void next();
  return {
    again: () => void next(),
    end() {
      end.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    },
  };
}

// ahead is how far the server's clock is ahead of the page's own, in seconds.
let ahead: number | undefined;

// hear sets the clock by the server's time in an answer; asked and answered are the page's times in milliseconds.
export function hear(server: string, asked: number, answered: number): void {
  const heard = (Date.parse(server) - (asked + answered) / 2) / 1000;
  // Within the error of one answer it is left alone, so that drawings do not tremble.
  if (ahead === undefined || Math.abs(heard - ahead) > 0.05 + (answered - asked) / 2000) ahead = heard;
}

// pageTime does not jump when the computer's clock is set.
export const pageTime = () => performance.timeOrigin + performance.now();

// serverTime is the server's clock now, in seconds since 1970.
export const serverTime = () => pageTime() / 1000 + (ahead ?? 0);

// useFrames calls draw with the server's time about 30 times a second, or once a second where the user prefers reduced
// motion; and after each rendering, before the browser paints.
export function useFrames(draw: (now: number) => void): void {
  const latest = useRef(draw);
  latest.current = draw;
  useLayoutEffect(() => latest.current(serverTime()));
  useEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (still) {
      const timer = setInterval(() => latest.current(serverTime()), 1000);
      return () => clearInterval(timer);
    }
    let drawn = 0;
    let frame = requestAnimationFrame(function next(at) {
      if (at - drawn > 30) { // 30 a second are smooth enough, and half the work
        drawn = at;
        latest.current(serverTime());
      }
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, []);
}

// useSeconds renders again at each second of the server's clock.
export function useSeconds(): number {
  const [now, setNow] = useState(serverTime);
  useEffect(() => {
    let timer = 0;
    const next = () => {
      setNow(serverTime());
      timer = window.setTimeout(next, 1000 - ((serverTime() * 1000) % 1000) + 5);
    };
    next();
    return () => clearTimeout(timer);
  }, []);
  return now;
}
