import type { Box, Keypoints } from '../keypoints';

/** Margin on each side, as a fraction of the keypoints' extent, for the body parts beyond the outermost keypoints (crown, hands, feet). */
const MARGIN = [0.12, 0.08] as const;

/**
 * The box of a pose as a detector would give it: around its confident keypoints, with a margin. `undefined` where fewer than
 * two keypoints are confident.
 */
export function poseBox({ xy, score }: Keypoints<'image'>, threshold: number): Box | undefined {
  let [x0, y0, x1, y1, found] = [Infinity, Infinity, -Infinity, -Infinity, 0];
  for (let k = 0; k < score.length; k++) {
    const [x, y] = [xy[2 * k]!, xy[2 * k + 1]!];
    if (!(score[k]! >= threshold) || !Number.isFinite(x + y)) continue;
    found++;
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
  }
  const long = Math.max(x1 - x0, y1 - y0);
  if (found < 2 || !(long > 1)) return undefined;
  const [w, h] = [Math.max(x1 - x0, 0.3 * long), Math.max(y1 - y0, 0.3 * long)];
  const [mx, my] = [MARGIN[0] * w, MARGIN[1] * h];
  return [(x0 + x1) / 2 - w / 2 - mx, (y0 + y1) / 2 - h / 2 - my, w + 2 * mx, h + 2 * my];
}

export function intersection([x, y, w, h]: Box, [u, v, p, q]: Box): number {
  const across = Math.min(x + w, u + p) - Math.max(x, u);
  const down = Math.min(y + h, v + q) - Math.max(y, v);
  return across > 0 && down > 0 ? across * down : 0;
}

/** Intersection over union. */
export function iou(a: Box, b: Box): number {
  const both = intersection(a, b);
  return both / (a[2] * a[3] + b[2] * b[3] - both);
}

/** Whether a box overlaps an image of that size. */
export function meets([x, y, w, h]: Box, [width, height]: readonly [number, number]): boolean {
  return x < width && y < height && x + w > 0 && y + h > 0;
}

/** The mean of all confidences, each clamped to [0, 1]. */
export function confidenceOf({ score }: Keypoints): number {
  let sum = 0;
  for (const value of score) sum += Math.min(1, Math.max(0, value || 0));
  return score.length === 0 ? 0 : sum / score.length;
}
