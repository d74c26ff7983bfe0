import type { Stream } from './api';
import { duration, plural, timeOfDay } from './format';
import { instant } from './loop';
import { Copy, Finding } from './parts';
import { addresses, items, reaches, type Item } from './past';
import { useSeconds } from './poll';

interface Props {
  stream: Stream;
  address: string;
  frozen: number | undefined;
  setAt: (at: string) => void;
}

// Programme lists the items around the instant shown, with addresses that replay them.
export function Programme({ stream, address, frozen, setAt }: Props) {
  const now = useSeconds();
  const all = items(stream);
  const back = stream.dvr_seconds > 0;
  const before = all[0] ? instant(all[0].start) - 1 : now;
  const jump = (to: number) => setAt(`${new Date(Math.floor(to) * 1000).toISOString().slice(0, 19)}Z`);
  return (
    <section class="panel" aria-labelledby="programme">
      <div class="heading">
        <h2 id="programme">Programme</h2>
        {back && <span class="quiet">addresses reach back to {dateOf(Math.max(now - stream.dvr_seconds, instant(stream.epoch)))} UTC</span>}
        {back && <span class="instant"><button type="button" disabled={!reaches(stream, before, now)} onClick={() => jump(before)}>Earlier</button></span>}
      </div>
      {stream.plays.length > 0 && <Band all={all} now={frozen ?? now} />}
      <table class="programme">
        <thead>
          <tr>
            <th scope="col">Starts, UTC</th>
            <th scope="col">Item</th>
            <th scope="col" class="number">Length</th>
            {back && <th scope="col">From the start</th>}
            {back && <th scope="col">Start to end</th>}
          </tr>
        </thead>
        <tbody>{all.map((item) => <Row key={item.start} stream={stream} item={item} address={address} now={now} />)}</tbody>
      </table>
    </section>
  );
}

// Band draws items over time, and the instant shown. The table beneath it says the same.
function Band({ all, now }: { all: Item[]; now: number }) {
  const [first, last] = [all[0]!, all.at(-1)!];
  const from = instant(first.start);
  const length = instant(last.end) - from;
  const at = (now - from) / length;
  return (
    <div class="band" aria-hidden="true">
      {all.map((item) => {
        const [start, end] = [instant(item.start), instant(item.end)];
        const is = end <= now ? 'ended' : start <= now ? 'on' : '';
        return <span key={item.start} class={is} style={{ flexGrow: end - start }} title={`${timeOfDay(start)} ${item.name}`}>{item.name}</span>;
      })}
      {at >= 0 && at < 1 && <i class="now" style={{ left: `${(100 * at).toFixed(2)}%` }} />}
    </div>
  );
}

const dateOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');

interface RowProps {
  stream: Stream;
  item: Item;
  address: string;
  now: number;
}

function Row({ stream, item, address, now }: RowProps) {
  const start = instant(item.start);
  const { restart, catchUp } = addresses(stream, address, item, now);
  const at = timeOfDay(start);
  return (
    <tr>
      <th scope="row">{dateOf(start)}</th>
      <td>{item.name || 'Loop'}{item.notices.length > 0 && <Notices item={item} />}</td>
      <td class="number" data-name="Length">{duration(instant(item.end) - start)}</td>
      {stream.dvr_seconds > 0 && (restart
        ? <td><Copy text={restart} label={`Restart address of ${at}`} /></td>
        : <td class="quiet">{start > now ? 'not started' : 'too old'}</td>)}
      {stream.dvr_seconds > 0 && <td>{catchUp ? <Copy text={catchUp} label={`Catch-up address of ${at}`} /> : ''}</td>}
    </tr>
  );
}

// Notices explain how an item was mapped to the channel.
function Notices({ item }: { item: Item }) {
  return (
    <details>
      <summary>{plural(item.notices.length, 'notice')}</summary>
      <ul class="findings">{item.notices.map((p) => <li key={`${p.code} ${p.rendition} ${p.text}`}><Finding p={p} /></li>)}</ul>
    </details>
  );
}
