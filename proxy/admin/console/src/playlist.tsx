import { useState } from 'preact/hooks';
import { askText, streamPath, type Stream } from './api';
import { usePoll } from './poll';

// PlaylistText shows a live playlist as players get it, without secrets. It is requested once it is opened.
export function PlaylistText({ stream, at }: { stream: Stream; at: string }) {
  const [open, setOpen] = useState(false);
  const [which, setWhich] = useState('0');
  return (
    <details class="panel" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary><h2>Playlist</h2></summary>
      <label>Of{' '}
        <select value={which} onChange={(e) => setWhich(e.currentTarget.value)}>
          {stream.multivariant && <option value="multivariant">multivariant playlist</option>}
          {stream.media_renditions.map((r) => <option key={r.index} value={String(r.index)}>rendition {r.index}, {r.kind} {r.name}</option>)}
        </select>
      </label>
      <p class="quiet">As players get it, with queries and passwords shown as ***.</p>
      {which === 'multivariant' ? <Text>{stream.multivariant}</Text> : open && <Media id={stream.id} rendition={which} at={at} />}
    </details>
  );
}

function Media({ id, rendition, at }: { id: string; rendition: string; at: string }) {
  const path = `${streamPath(id)}/playlist?rendition=${rendition}${at && `&at=${encodeURIComponent(at)}`}`;
  const { value, error } = usePoll(path, (signal) => askText(path, signal), () => 2000);
  return error ? <p class="said bad">{error}</p> : <Text>{value ?? ''}</Text>;
}

const Text = ({ children }: { children: string | null }) => <pre tabIndex={0} aria-label="Text of the playlist">{children}</pre>;
