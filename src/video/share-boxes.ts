import type { Box } from '../keypoints';
import { intersection, iou } from './pose-box';

/**
 * Shares a detector's boxes among tracked people: best overlaps first, then the nearest, for those whose pose has left them. `own`: the box of
 * each person, `undefined` for those whom the detector does not see; `fresh`: boxes of none of them, in the detector's order.
 */
export function shareBoxes(
  known: readonly Box[],
  found: readonly Box[],
): { readonly own: readonly (Box | undefined)[]; readonly fresh: readonly Box[] } {
  const own = new Array<Box | undefined>(known.length).fill(undefined);
  const free = new Set(found);
  const take = (likeness: (box: Box, other: Box) => number): void => {
    const pairs = known
      .flatMap((box, i) => (own[i] ? [] : [...free].map((other) => ({ i, other, likeness: likeness(box, other) }))))
      .filter((pair) => pair.likeness > 0)
      .sort((a, b) => b.likeness - a.likeness);
    for (const { i, other } of pairs) if (own[i] === undefined && free.delete(other)) own[i] = other;
  };
  take((box, other) => (iou(box, other) > 0.2 || covers(box, other) || covers(other, box) ? iou(box, other) : 0));
  const unclaimed = [...free].filter((box) => !known.some((other) => covers(other, box)));
  free.clear();
  for (const box of unclaimed) free.add(box);
  take(nearness);
  return { own, fresh: [...free] };
}

/** 1 where the centres coincide, 0 from half of the boxes' mean longer side on. */
function nearness(a: Box, b: Box): number {
  const size = (Math.max(a[2], a[3]) + Math.max(b[2], b[3])) / 2;
  const [dx, dy] = [a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2];
  return 1 - Math.hypot(dx, dy) / (0.5 * size);
}

/** Whether a known box covers the found one, so that it cannot be another person. */
function covers(known: Box, found: Box): boolean {
  return iou(known, found) > 0.4 || intersection(known, found) > 0.75 * found[2] * found[3];
}
