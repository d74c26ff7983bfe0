// The answer to an operator's first question: is everything healthy? If not: the causes, the worst first.
import type { OffAir, Origin, Problem, Status, StreamList, Summary } from './api';
import { ago, count, plural } from './format';
import { instant } from './loop';

export type Level = 'healthy' | 'warning' | 'failing' | 'unknown';

// Trouble is one cause, however many streams it affects.
export interface Trouble {
  level: 'warning' | 'failing';
  key: string;
  text: string;
  advice: string;
  since: number | null; // seconds since 1970; null: not known
  affected: string; // how many; empty: the trouble is not about streams
  streams: Affected[];
  size: number; // how many streams in all
  find: string; // the search that lists them; empty: there is none
}

export type Affected = Pick<Summary, 'id' | 'address'>;

export interface Verdict {
  level: Level;
  title: string;
  troubles: Trouble[];
}

export interface Seen {
  error?: string | undefined; // why the last poll failed
  status?: Status | undefined;
  list: StreamList;
  origins: Origin[];
  failedRequests: number; // 5xx in the last minute
  now: number; // by the server's clock
}

export const stateTexts: Record<Summary['state'], string> = {
  ok: 'on air',
  stale: 'origin failing',
  gone: 'VOD gone',
  changed: 'VOD changed',
};

const fresh = 300; // seconds for which the last answer of an origin counts as its state

// isFresh reports whether an instant is recent enough to say something about now.
export const isFresh = (at: string | null, now: number) => at !== null && now - instant(at) <= fresh;

// known is the last sign of life of a stream: the latest answer of its origin or request of a viewer.
const known = (s: Summary) => [s.confirmed, s.used].reduce((a, b) => ((a ?? '') > (b ?? '') ? a : b));

// levelOf is the level of a stream: that of its worst problem.
export function levelOf(s: Summary, now: number): Level {
  if (s.problems.some((p) => p.severity === 'error')) return 'failing';
  if (s.state !== 'ok' || s.problems.some((p) => p.severity === 'warning')) return 'warning';
  return s.begins_in_seconds > 0 || !isFresh(known(s), now) ? 'unknown' : 'healthy';
}

// wordsOf is the text for the same.
export function wordsOf(s: Summary, now: number): string {
  if (s.begins_in_seconds > 0) return 'not started';
  const [worst] = s.problems;
  if (s.state === 'ok' && worst && worst.severity !== 'notice') return worst.code;
  const last = known(s);
  if (s.state === 'ok' && last && !isFresh(last, now)) return `last seen ${ago(now - instant(last))}`;
  return stateTexts[s.state];
}

// ofOrigin is the level of an origin, and the text for it.
export function ofOrigin(o: Origin, now: number): [Level, string] {
  if (o.state === 'failing') return ['failing', 'failing'];
  if (o.state === 'unknown' || !o.last_ok) return ['unknown', 'no request yet'];
  if (!isFresh(o.last_ok, now)) return ['unknown', `last answer ${ago(now - instant(o.last_ok))}`];
  if ((o.requests.ok ?? 0) + (o.requests.not_modified ?? 0) === 0) return ['warning', 'only error responses'];
  return ['healthy', 'healthy'];
}

export function verdict(seen: Seen): Verdict {
  if (!seen.status) {
    const troubles = seen.error ? [unreachable(seen.error)] : [];
    return { level: seen.error ? 'failing' : 'unknown', title: seen.error ? 'vod2live does not respond' : 'Connecting to vod2live …', troubles };
  }
  const troubles = [
    ...(seen.error ? [unreachable(seen.error)] : []),
    ...notReady(seen.status),
    ...seen.origins.flatMap((o) => originTrouble(o, seen.list, seen.now)),
    ...ofChannels(seen.list.off_air, seen.origins),
    ...failedRequests(seen.failedRequests),
    ...ofStreams(seen.list.streams, seen.origins),
    ...unlisted(seen.list),
  ].sort((a, b) => Number(b.level === 'failing') - Number(a.level === 'failing') || (a.level === 'failing' && a.size !== b.size ? b.size - a.size : 0));
  if (troubles.length > 0) {
    const failing = troubles.filter((t) => t.level === 'failing').length;
    const title = failing > 0 ? plural(failing, 'thing is failing', 'things are failing') : plural(troubles.length, 'thing needs attention', 'things need attention');
    return { level: troubles[0]!.level, title, troubles };
  }
  const isKnown = seen.origins.some((o) => ofOrigin(o, seen.now)[0] === 'healthy');
  return { level: isKnown ? 'healthy' : 'unknown', title: isKnown ? 'All healthy' : 'No known problems', troubles };
}

const trouble = (level: Trouble['level'], key: string, text: string, advice: string, more: Partial<Trouble> = {}): Trouble =>
  ({ level, key, text, advice, since: null, affected: '', streams: [], size: more.streams?.length ?? 0, find: '', ...more });

const unreachable = (error: string) => trouble('failing', 'unreachable', 'vod2live does not respond. This page shows old data.', error, { size: Infinity });

function notReady(status: Status): Trouble[] {
  if (status.ready) return [];
  return [trouble('warning', 'ready', 'vod2live is starting or stopping.', 'Load balancers send no new viewers meanwhile. If this lasts for more than a minute, read the log.', { since: instant(status.started) })];
}

// down are the codes of loads that failed because the whole origin failed.
const down = ['unreachable', 'origin-paused', 'origin-timeout'];

// toldBy reports whether the trouble of an origin already explains why a channel is off air.
const toldBy = (origins: Origin[], c: OffAir) => down.includes(c.code) && origins.some((o) => o.name === c.origin && o.state === 'failing');

function originTrouble(o: Origin, list: StreamList, now: number): Trouble[] {
  const failing = o.places.filter((p) => p.state === 'failing' || p.state === 'paused').length;
  const cause = o.last_error ? `: ${o.last_error}.` : '.';
  if (o.state === 'failing') {
    const loaded = list.origins[o.name] ?? 0;
    const off = list.off_air.filter((c) => toldBy([o], c));
    const affected = [off.length > 0 && `${plural(off.length, 'channel')} off air`, loaded > 0 && `${plural(loaded, 'stream')} on air`];
    const fails = o.last_error_at && !isFresh(o.last_error_at, now) ? `failed at the last request, ${ago(now - instant(o.last_error_at))}` : 'is failing';
    return [trouble('failing', `origin ${o.name}`, `Origin ${o.name} ${fails}${cause}`, `Restore the origin. vod2live needs no restart.${loaded > 0 ? ' Playlists continue, uncached segments fail.' : ''}`, {
      since: o.failing_since ? instant(o.failing_since) : null, affected: affected.filter(Boolean).join(', ') || 'no loaded stream', streams: off, size: off.length + loaded, find: o.name,
    })];
  }
  if (failing === 0) return [];
  const text = `${failing} of ${plural(o.places.length, 'address', 'addresses')} of origin ${o.name} ${failing === 1 ? 'is failing' : 'are failing'}${cause}`;
  return [trouble('warning', `origin ${o.name}`, text, 'The other addresses are used. Viewers are not affected.')];
}

// ofChannels groups the channels that are off air for the same cause.
function ofChannels(off: OffAir[], origins: Origin[]): Trouble[] {
  const groups = new Map<string, OffAir[]>();
  for (const c of off.filter((c) => !toldBy(origins, c))) {
    const key = `${c.origin} ${c.code} ${c.cause}`;
    groups.set(key, [...groups.get(key) ?? [], c]);
  }
  return [...groups].map(([key, channels]) => {
    const [first] = channels as [OffAir];
    const who = channels.length === 1 ? `Channel ${first.channel} is` : `${count(channels.length)} channels are`;
    if (!first.error) return trouble('warning', `channels ${key}`, `${who} being loaded.`, '', { affected: amount(channels, 'channel'), streams: channels, find: first.code });
    return trouble('failing', `channels ${key}`, `${who} off air: ${sentence(channels.length === 1 ? first.error : first.cause)}`, first.advice || 'vod2live retries every few seconds.', {
      since: Math.min(...channels.flatMap((c) => (c.since ? [instant(c.since)] : []))), affected: amount(channels, 'channel'), streams: channels, find: `${first.origin} ${first.code}`,
    });
  });
}

const amount = (all: unknown[], one: string) => plural(all.length, one);

const sentence = (text: string) => (text.endsWith('.') ? text : `${text}.`);

function failedRequests(failed: number): Trouble[] {
  if (failed === 0) return [];
  return [trouble('warning', 'failed', `${plural(failed, 'viewer request')} failed in the last minute.`, 'The log has a line “request failed” for each, with the cause.')];
}

// ofStreams groups equal problems of many streams, and leaves out those that the trouble of their origin explains.
// Problems that began while a stream was on air are grouped by code and origin: their texts have counts that differ.
function ofStreams(streams: Summary[], origins: Origin[]): Trouble[] {
  const told = new Set(origins.filter((o) => o.state === 'failing').map((o) => o.name));
  const found = new Map<string, Trouble>();
  for (const s of streams) {
    for (const p of s.problems.filter((p) => !(p.code === 'origin-fails' && told.has(s.origin)))) {
      const key = `${p.code} ${p.since ? s.origin : p.text}`;
      const one = found.get(key) ?? ofProblem(p, key);
      if (!one.streams.includes(s)) one.streams.push(s);
      one.affected = amount(one.streams, 'stream');
      one.size = one.streams.length;
      if (p.since) one.since = Math.min(one.since ?? Infinity, instant(p.since));
      found.set(key, one);
    }
  }
  return [...found.values()];
}

const ofProblem = (p: Problem, key: string) => trouble(p.severity === 'error' ? 'failing' : 'warning', key, p.text, p.advice, { find: p.code });

// unlisted counts the streams with problems that are not in the list. The server sorts those last whose only problem is their origin.
function unlisted({ streams, troubled }: StreamList): Trouble[] {
  const more = troubled - streams.filter((s) => s.problems.length > 0).length;
  const only = streams.at(-1)?.problems.every((p) => p.code === 'origin-fails');
  if (more <= 0 || only) return [];
  return [trouble('warning', 'unlisted', `${count(more)} more ${more === 1 ? 'stream has' : 'streams have'} problems.`, `This page lists only the ${count(streams.length)} worst streams. Search for others.`)];
}
