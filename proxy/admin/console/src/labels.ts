// Which labels of a moving line are shown, so that none is cut off or overlaps another.
export interface Label {
  from: number; // pixels, on the line
  to: number;
  slides: boolean; // it may move sideways to stay visible
}

export const apart = 6; // pixels between two

// placed is the offset of each label, in the order of their places; null: it has no room. The line is shifted by shift,
// and visible from 0 to width.
export function placed(labels: Label[], shift: number, width: number): (number | null)[] {
  let end = -apart;
  return labels.map(({ from, to, slides }, i) => {
    const at = from + shift;
    const next = labels[i + 1];
    const moved = slides ? Math.max(0, Math.min(at, width - (to - from))) : at;
    const until = moved + (to - from);
    const inNext = moved > at && next !== undefined && until + apart > next.from + shift;
    const isSeen = slides ? at < width && (next === undefined || next.from + shift > 0) : at >= 0 && to + shift <= width;
    if (!isSeen || inNext || moved < end + apart) return null;
    end = until;
    return moved - at;
  });
}
