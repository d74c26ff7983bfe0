import type { Stream } from './api';
import { duration, timeOfDay } from './format';
import { instant } from './loop';
import { Copy } from './parts';
import { addresses, items, reaches, type Item } from './past';
import { useSeconds } from './poll';

interface Props {
  stream: Stream;
  address: string;
  setAt: (at: string) => void;
}

// Programme lists what is on from the instant shown, with the addresses that play it again.
export function Programme({ stream, address, setAt }: Props) {
  const now = useSeconds();
  const all = items(stream);
  const before = all[0] ? instant(all[0].start) - 1 : now;
  const jump = (to: number) => setAt(`${new Date(Math.floor(to) * 1000).toISOString().slice(0, 19)}Z`);
  return (
    <section class="panel" aria-labelledby="programme">
      <div class="heading">
        <h2 id="programme">Programme</h2>
        <span class="quiet">addresses go back to {dateOf(Math.max(now - stream.dvr_seconds, instant(stream.epoch)))} UTC</span>
        <span class="instant"><button type="button" disabled={!reaches(stream, before, now)} onClick={() => jump(before)}>Earlier</button></span>
      </div>
      <table class="programme">
        <thead>
          <tr>
            <th scope="col">Begins, UTC</th>
            <th scope="col">Item</th>
            <th scope="col" class="number">Lasts</th>
            <th scope="col">From its start</th>
            <th scope="col">From its start to its end</th>
          </tr>
        </thead>
        <tbody>{all.map((item) => <Row key={item.start} stream={stream} item={item} address={address} now={now} />)}</tbody>
      </table>
    </section>
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
      <td>{item.name || 'Loop'}</td>
      <td class="number" data-name="Lasts">{duration(instant(item.end) - start)}</td>
      {restart
        ? <td><Copy text={restart} label={`Restart address of ${at}`} /></td>
        : <td class="quiet">{start > now ? 'not begun' : 'too old'}</td>}
      <td>{catchUp ? <Copy text={catchUp} label={`Catch-up address of ${at}`} /> : ''}</td>
    </tr>
  );
}
