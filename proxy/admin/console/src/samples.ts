// The data of the charts: the counters of /api/status, sampled while the page is open, as rates.
import type { Status } from './api';

export interface Sample {
  at: number; // seconds since 1970, by the server's clock
  served: number;
  refused: number; // 4xx
  failed: number; // 5xx
  bytes: number;
  originOK: number;
  originFailed: number;
  hit: number;
  miss: number; // caused a load or waited for one
}

export type Counter = Exclude<keyof Sample, 'at'>;

const sum = (numbers: Record<string, number> | undefined, ...keys: string[]) =>
  keys.reduce((total, key) => total + (numbers?.[key] ?? 0), 0);

export function sample({ now, totals }: Status): Sample {
  return {
    at: Date.parse(now) / 1000,
    served: sum(totals.responses, '2xx', '3xx'),
    refused: sum(totals.responses, '4xx'),
    failed: sum(totals.responses, '5xx'),
    bytes: totals.response_bytes,
    originOK: sum(totals.origin_requests, 'ok'),
    originFailed: sum(totals.origin_requests, 'failed'),
    hit: sum(totals.cache, 'hit'),
    miss: sum(totals.cache, 'miss', 'wait'),
  };
}

const kept = 600; // seconds of samples

// add keeps the samples of the last ten minutes. It starts over when the counters do, at a restart.
export function add(samples: Sample[], next: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && next.at <= last.at) return samples;
  if (last && (next.served < last.served || next.bytes < last.bytes)) return [next];
  return [...samples.filter((s) => next.at - s.at <= kept), next];
}

// rates are a counter's increases per second, one for each sample but the first.
export const rates = (samples: Sample[], counter: Counter) =>
  samples.slice(1).map((s, i) => Math.max(0, (s[counter] - samples[i]![counter]) / (s.at - samples[i]!.at)));

// rise is the increase of a counter over the last seconds.
export function rise(samples: Sample[], counter: Counter, seconds: number): { by: number; over: number } {
  const last = samples.at(-1);
  const first = last && samples.find((s) => last.at - s.at <= seconds);
  return last && first ? { by: last[counter] - first[counter], over: last.at - first.at } : { by: 0, over: 0 };
}

// recentRate is the mean increase per second over the last ten seconds; 0 until there are two samples.
export function recentRate(samples: Sample[], counter: Counter): number {
  const { by, over } = rise(samples, counter, 10);
  return over > 0 ? by / over : 0;
}
