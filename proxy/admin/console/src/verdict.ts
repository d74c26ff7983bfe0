// The answer to an operator's first question: is everything well? And if not, what is wrong, the worst first.
import type { OffAir, Origin, Problem, Status, StreamList, Summary } from './api';
import { count, plural } from './format';

export type Level = 'well' | 'warning' | 'failing' | 'unknown';

// Trouble is one cause, however many streams it is told of.
export interface Trouble {
  level: 'warning' | 'failing';
  key: string;
  text: string;
  advice: string;
  streams: Summary[];
}

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
}

export const stateTexts: Record<Summary['state'], string> = {
  ok: 'on air',
  stale: 'origin fails',
  gone: 'VOD gone',
  changed: 'VOD changed',
};

// levelOf says how a stream stands among others.
export function levelOf(s: Summary): Level {
  if (s.problems.some((p) => p.severity === 'error')) return 'failing';
  if (s.state !== 'ok' || s.problems.some((p) => p.severity === 'warning')) return 'warning';
  return s.begins_in_seconds > 0 ? 'unknown' : 'well';
}

export function verdict(seen: Seen): Verdict {
  if (!seen.status) {
    const troubles = seen.error ? [unreachable(seen.error)] : [];
    return { level: seen.error ? 'failing' : 'unknown', title: seen.error ? 'vod2live does not answer' : 'Asking vod2live …', troubles };
  }
  const troubles = [
    ...(seen.error ? [unreachable(seen.error)] : []),
    ...notReady(seen.status),
    ...seen.origins.flatMap((o) => ofOrigin(o, seen.list.origins[o.name] ?? 0)),
    ...seen.list.off_air.map(ofChannel),
    ...failedRequests(seen.failedRequests),
    ...ofStreams(seen.list.streams, seen.origins),
    ...unlisted(seen.list),
  ].sort((a, b) => Number(b.level === 'failing') - Number(a.level === 'failing'));
  if (troubles.length === 0) return { level: 'well', title: 'All is well', troubles };
  const failing = troubles.filter((t) => t.level === 'failing').length;
  const title = failing > 0 ? plural(failing, 'thing is failing', 'things are failing') : plural(troubles.length, 'thing needs attention', 'things need attention');
  return { level: troubles[0]!.level, title, troubles };
}

const unreachable = (error: string): Trouble => ({
  level: 'failing', key: 'unreachable', text: 'This page gets no answer. What it shows is old.', advice: error, streams: [],
});

function notReady(status: Status): Trouble[] {
  if (status.ready) return [];
  return [{
    level: 'warning', key: 'ready', text: 'vod2live is starting or stopping.', streams: [],
    advice: 'Load balancers send it no new viewers meanwhile. If it stays so, look at its log.',
  }];
}

function ofOrigin(o: Origin, loaded: number): Trouble[] {
  const failing = o.places.filter((p) => p.state === 'failing' || p.state === 'paused').length;
  const cause = o.last_error ? `: ${o.last_error}.` : '.';
  if (o.state === 'failing') {
    return [{
      level: 'failing', key: `origin ${o.name}`, text: `Origin ${o.name} fails${cause}`, streams: [],
      advice: `Bring it back; nothing here needs a restart. ${plural(loaded, 'loaded stream')} of it ${loaded === 1 ? 'plays' : 'play'} on, but segments and new streams need it.`,
    }];
  }
  if (failing === 0) return [];
  return [{
    level: 'warning', key: `origin ${o.name}`, streams: [],
    text: `${failing} of ${plural(o.places.length, 'address', 'addresses')} of origin ${o.name} ${failing === 1 ? 'fails' : 'fail'}${cause}`,
    advice: 'The others answer for it. Viewers notice nothing.',
  }];
}

// ofChannel is of one whose viewers get an error, whatever its origin's state is.
const ofChannel = (c: OffAir): Trouble => ({
  level: c.error ? 'failing' : 'warning', key: `channel ${c.channel}`, streams: [],
  text: `Channel ${c.channel} is off air: ${c.error ? sentence(c.error) : 'it is being loaded.'}`,
  advice: c.error ? `See to its VOD, ${c.vod} at origin ${c.origin}: it is tried again every few seconds.` : '',
});

const sentence = (text: string) => (text.endsWith('.') ? text : `${text}.`);

function failedRequests(failed: number): Trouble[] {
  if (failed === 0) return [];
  return [{
    level: 'warning', key: 'failed', text: `${plural(failed, 'request')} of viewers failed in the last minute.`, streams: [],
    advice: 'The log has a line “request failed” with the cause of each.',
  }];
}

// ofStreams puts equal problems of many streams together, and leaves out those that their origin's own trouble tells.
function ofStreams(streams: Summary[], origins: Origin[]): Trouble[] {
  const told = new Set(origins.filter((o) => o.state === 'failing').map((o) => o.name));
  const found = new Map<string, Trouble>();
  for (const s of streams) {
    for (const p of s.problems.filter((p) => !(p.code === 'origin-fails' && told.has(s.origin)))) {
      const key = `${p.code} ${p.text}`;
      const trouble = found.get(key) ?? ofProblem(p, key);
      if (!trouble.streams.includes(s)) trouble.streams.push(s);
      found.set(key, trouble);
    }
  }
  return [...found.values()];
}

// unlisted streams may have problems too; those that only their origin has come last of all.
function unlisted({ streams, troubled }: StreamList): Trouble[] {
  const more = troubled - streams.filter((s) => s.problems.length > 0).length;
  const only = streams.at(-1)?.problems.every((p) => p.code === 'origin-fails');
  if (more <= 0 || only) return [];
  return [{
    level: 'warning', key: 'unlisted', text: `${count(more)} more ${more === 1 ? 'stream has' : 'streams have'} problems.`, streams: [],
    advice: `They are not listed here: those that are the worst are, ${count(streams.length)} of them.`,
  }];
}

const ofProblem = (p: Problem, key: string): Trouble => ({
  level: p.severity === 'error' ? 'failing' : 'warning', key, text: p.text, advice: p.advice, streams: [],
});
