import { useState } from 'preact/hooks';
import { count, span } from './format';
import { Sign, Words } from './parts';
import { useSeconds } from './poll';
import type { Trouble } from './verdict';

const few = matchMedia('(max-width: 760px)').matches ? 3 : 4; // rows, so that the first screen has room for the rest

// Troubles is the table of causes.
export function Troubles({ all, find }: { all: Trouble[]; find: (search: string) => void }) {
  const [whole, setWhole] = useState(false);
  const now = useSeconds();
  const more = all.length - few;
  return (
    <>
      <table class="troubles">
        <caption class="hidden">Problems</caption>
        <thead>
          <tr><th scope="col">What</th><th scope="col">Since</th><th scope="col">Affected</th><th scope="col">Remedy</th></tr>
        </thead>
        <tbody>{all.slice(0, whole ? undefined : few).map((t) => <Row key={t.key} t={t} now={now} find={find} />)}</tbody>
      </table>
      {more > 0 && <button type="button" onClick={() => setWhole(!whole)}>{whole ? 'Show fewer' : `Show ${count(more)} more`}</button>}
    </>
  );
}

function Row({ t, now, find }: { t: Trouble; now: number; find: (search: string) => void }) {
  const [open, setOpen] = useState(false); // on a narrow page
  const known = t.since !== null && Number.isFinite(t.since);
  const [first] = t.streams;
  return (
    <tr class={open ? 'open' : ''}>
      <th scope="row"><div><Sign level={t.level} /><span title={t.text}>{t.text}</span></div></th>
      <td class="since" data-name="since" title={known ? `${new Date(t.since! * 1000).toISOString().slice(0, 19)}Z` : undefined}>{known ? span(now - t.since!) : ''}</td>
      <td>
        {t.affected}{' '}
        {first && t.size === 1 && <a href={`#/stream/${first.id}`}>{first.address}</a>}
        {t.find && t.size > 1 && <button type="button" class="link" onClick={() => find(t.find)}>show</button>}
      </td>
      <td class="do">
        {t.advice && <button type="button" class="link narrow" aria-expanded={open} onClick={() => setOpen(!open)}>Remedy</button>}
        <span><Words>{t.advice}</Words></span>
      </td>
    </tr>
  );
}
