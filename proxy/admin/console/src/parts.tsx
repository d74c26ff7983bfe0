import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from './api';
import { timeOfDay, where } from './format';
import type { Level, Verdict } from './verdict';

const shapes: Record<Level, string> = {
  healthy: 'M4 8.5l2.8 2.8L12 5.5',
  warning: 'M8 4v5M8 11.2v.6',
  failing: 'M5 5l6 6M11 5l-6 6',
  unknown: 'M5 8h6',
};

// Sign shows a level by shape and colour. The text beside it names the level, too.
export function Sign({ level }: { level: Level }) {
  return (
    <svg class={`sign ${level}`} viewBox="0 0 16 16" aria-hidden="true">
      {level === 'warning' ? <path class="body" d="M8 .8l7.6 14H.4z" /> : <circle class="body" cx="8" cy="8" r="8" />}
      <path class="mark" d={shapes[level]} transform={level === 'warning' ? 'translate(0 1.6)' : undefined} />
    </svg>
  );
}

// Words shows a text of the API. Text between backticks is shown as code.
export function Words({ children: text }: { children: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))}</>;
}

// Finding shows a problem with its rendition, its remedy and its code.
export function Finding({ p }: { p: Problem }) {
  return (
    <>
      <Sign level={p.severity === 'error' ? 'failing' : p.severity === 'notice' ? 'unknown' : 'warning'} />
      <span>{where(p)}<strong>{p.text}</strong>{p.since && ` Since ${timeOfDay(Date.parse(p.since) / 1000)} UTC.`} <Words>{p.advice}</Words> <code title={p.link}>{p.code}</code></span>
    </>
  );
}

export function State({ level, children }: { level: Level; children: ComponentChildren }) {
  return <span class={`state ${level}`}><Sign level={level} />{children}</span>;
}

// useTitle sets the title of the page: the verdict, unless all is healthy, and the address shown.
export function useTitle(judged: Verdict, shown = ''): void {
  const title = [judged.level !== 'healthy' && judged.title, shown, 'vod2live'].filter(Boolean).join(' – ');
  useEffect(() => { document.title = title; }, [title]);
}

// Copy shows an address with a button that copies it.
export function Copy({ text, label }: { text: string; label: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
    } catch { // browsers have no clipboard API for pages of other machines without https
      document.execCommand('copy');
    }
    setCopied(true);
  };
  return (
    <span class="copy">
      <input ref={field} readonly value={text} aria-label={label} onFocus={(e) => e.currentTarget.select()} />
      <button type="button" onClick={copy} aria-label={`Copy ${label.toLowerCase()}`}>{copied ? 'Copied' : 'Copy'}</button>
      <span class="hidden" role="status">{copied ? 'Copied.' : ''}</span>
    </span>
  );
}

// Deed is the outcome of a button's action: a text, or an error.
export interface Deed {
  busy: boolean;
  failed: boolean;
  text: string;
}

export function useDeed(): [Deed, (work: () => Promise<string>) => void] {
  const [deed, setDeed] = useState<Deed>({ busy: false, failed: false, text: '' });
  const run = (work: () => Promise<string>) => {
    setDeed({ busy: true, failed: false, text: '' });
    work().then(
      (text) => setDeed({ busy: false, failed: false, text }),
      (error: Error) => setDeed({ busy: false, failed: true, text: error.message }),
    );
  };
  return [deed, run];
}

export function Said({ deed }: { deed: Deed }) {
  return <p class={deed.failed ? 'said bad' : 'said'} role="status">{deed.busy ? 'Working …' : deed.text}</p>;
}
