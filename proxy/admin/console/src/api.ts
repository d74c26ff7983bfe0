// The answers of the operator's API. Instants are RFC 3339, durations are seconds.

export interface Problem {
  severity: 'error' | 'warning' | 'notice';
  code: string;
  rendition: number | null; // null: the stream or the VOD as a whole
  kind: Rendition['kind'] | ''; // of the rendition, and so are the next two
  name: string;
  source: string;
  since?: string; // absent: the VOD had it when it was loaded
  text: string;
  advice: string;
  link: string; // to the page that describes the code
}

export interface Summary {
  id: string;
  address: string;
  mount: string;
  channel: boolean;
  origin: string;
  vod: string;
  has_query: boolean;
  forms: number; // queries of viewers, the bare address among them
  texts: number; // playlist texts that these need
  renditions: number;
  length_seconds: number; // of one loop, or of the item on air
  target_duration_seconds: number;
  window_seconds: number;
  dvr_seconds: number; // how far back addresses may go
  epoch: string;
  begins_in_seconds: number;
  loop: number;
  media_sequence: number;
  discontinuity_sequence: number;
  live_edge: string;
  next_change: string;
  next_loop: string | null; // when the next loop or item begins; null: the channel has ended
  era: number;
  next_era: string | null;
  viewers: number;
  bytes: number;
  used: string | null;
  confirmed: string | null;
  state: 'ok' | 'stale' | 'gone' | 'changed';
  problems: Problem[];
}

export interface WindowSegment {
  sequence: number;
  loop: number;
  index: number;
  start: string;
  start_seconds: number;
  duration_seconds: number;
  discontinuity: boolean;
  gap: boolean;
}

export interface Rendition {
  index: number;
  address: string;
  kind: 'video' | 'audio' | 'subtitles' | 'i-frames' | 'media';
  name: string;
  language: string;
  group: string;
  bandwidth: string; // of the multivariant playlist; empty: not given
  resolution: string;
  codecs: string;
  reference: boolean;
  sliced: boolean;
  segments: number;
  media_sequence: number;
  discontinuity_sequence: number;
  next_change: string;
  discontinuities: number[];
  gaps: { start_seconds: number; duration_seconds: number }[];
  cues: { start_seconds: number; tag: string }[];
  boundaries: number[] | null;
  window: WindowSegment[];
}

// Play is one play of an item of a channel.
export interface Play {
  start: string;
  end: string;
  vod: string;
  title: string; // empty: it has none
  break: string; // the id of the break that it fills; empty: none
  in_seconds: number; // where in the VOD it begins
  notices: Problem[]; // how it was mapped to the channel
}

export interface Break {
  id: string;
  start: string;
  end: string; // its start: a mark without length
}

export interface Stream extends Summary {
  now: string;
  media_renditions: Rendition[];
  plays: Play[]; // of a channel that plays lists, from its window on
  breaks: Break[];
  multivariant: string | null;
}

export interface Origin {
  name: string;
  url: string;
  signed: boolean;
  segments: 'proxy' | 'direct';
  state: 'ok' | 'failing' | 'unknown';
  failing_since: string | null;
  places: { url: string; state: 'ok' | 'failing' | 'paused' | 'unknown'; failures: number; paused_until: string | null }[];
  requests: Record<string, number>;
  mean_latency_seconds: number | null;
  last_error: string | null;
  last_error_at: string | null;
  last_ok: string | null;
}

export interface Status {
  version: string;
  go_version: string;
  started: string;
  now: string;
  ready: boolean;
  viewers_address: string; // HOST:PORT of their listener
  streams: number;
  memory_bytes: number;
  totals: {
    requests: Record<string, number>;
    responses: Record<string, number>;
    response_bytes: number;
    origin_requests: Record<string, number>;
    cache: Record<string, number>;
    segment_cache: Record<string, number>;
  };
}

// Settings are those in force, as far as this page needs them.
export interface Settings {
  public_address?: string; // where viewers reach the server; empty: not given
  tls_cert?: string; // a file; empty: the viewer address is plain HTTP
}

export interface CacheState {
  streams: { bytes: number; limit_bytes: number; count: number; evictions: number; failures_remembered: number };
  segments: { enabled: boolean; bytes: number; limit_bytes: number; objects: number; evictions: number };
}

// Report is the same as of `vod2live check -json`.
export interface Report {
  loops: boolean;
  address: string; // for viewers
  origin: string;
  vod: string;
  source: string; // its address at the origin, masked
  length_seconds: number;
  target_duration_seconds: number;
  window_seconds: number;
  renditions: { index: number; kind: Rendition['kind']; name: string }[];
  repairs: Problem[];
  problems: Problem[];
}

// Refused is an error response, with a sentence for the operator.
export class Refused extends Error {
  constructor(readonly status: number, said: string) {
    super(said);
  }
}

// reply fetches an answer. The errors that it throws are sentences for the operator.
async function reply(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new Error('vod2live does not respond. Check that it is running, and that this machine can reach it.');
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => null) as { error?: string } | null;
  throw new Refused(response.status, said?.error ?? `vod2live answered ${response.status} to ${path}`);
}

export const ask = async <T>(path: string, init?: RequestInit) => (await reply(path, init)).json() as Promise<T>;

export const askText = async (path: string, signal: AbortSignal) => (await reply(path, { signal })).text();

export const post = <T>(path: string) => ask<T>(path, { method: 'POST' });

export const streamPath = (id: string) => `/api/streams/${encodeURIComponent(id)}`;

// OffAir is a channel that is not loaded.
export interface OffAir {
  id: string; // of its stream, once it is loaded
  channel: string;
  address: string;
  lists: boolean; // it plays several VODs
  origin: string;
  vod: string; // of a channel that lists several VODs: of the item that can't be played; empty: no single one
  since: string | null; // null: the first load is under way
  code: string;
  error: string; // empty: the first load is under way
  cause: string; // the same without the address: equal for channels that fail for the same reason
  advice: string;
  link: string;
}

// Event is a line of the log that is about no single request.
export interface Event {
  at: string;
  count: number; // within a minute
  level: 'info' | 'warn' | 'error';
  text: string;
  code: string;
  about: string; // a channel, mount or origin; empty: the process
  path: string;
  cause: string;
}

export interface StreamList {
  now: string;
  total: number; // this and the next three count all streams, listed or not
  viewers: number;
  origins: Record<string, number>; // streams of each
  troubled: number; // streams with problems
  streams: Summary[];
  off_air: OffAir[];
}
