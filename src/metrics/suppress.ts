/** How {@link suppressDuplicates} treats duplicates. */
export interface SuppressOptions {
  /** Hard: a pose that is more similar to a kept one than this is removed. Soft: t in the decay exp(−similarity² / t). */
  readonly threshold: number;
  /** Lowers scores in place of removing poses. */
  readonly soft?: boolean;
  /** Soft variant only: maximum number of kept poses. */
  readonly maxKept?: number;
}

/**
 * @internal OKS of two predictions as OKS-NMS compares them: over all keypoints, with the mean of their areas (`oks_iou` of
 * github.com/leoxiaobin/deep-high-resolution-net.pytorch).
 *
 * @param a `[x₀, y₀, …]` of K keypoints, pixels; `b` the same.
 * @param area mean of the two areas, square pixels.
 * @throws RangeError when the number of keypoints of either differs from that of the sigmas.
 * @example predictionOks(one.xy, other.xy, (one.area + other.area) / 2, COCO.sigmas)
 */
export function predictionOks(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  area: number,
  sigmas: readonly number[],
): number {
  if (a.length !== 2 * sigmas.length || b.length !== a.length) {
    throw new RangeError(
      `predictionOks: both must have one keypoint per sigma. Received: ${a.length / 2} and ${b.length / 2} for ${sigmas.length} sigmas.`,
    );
  }
  let sum = 0;
  for (let k = 0; k < sigmas.length; k++) {
    const dx = a[2 * k]! - b[2 * k]!;
    const dy = a[2 * k + 1]! - b[2 * k + 1]!;
    sum += Math.exp(-((dx * dx + dy * dy) / (2 * sigmas[k]!) ** 2 / (area + Number.EPSILON) / 2));
  }
  return sum / sigmas.length;
}

/**
 * Greedy suppression of duplicates, hard or soft, as `oks_nms` and `soft_oks_nms` of
 * github.com/leoxiaobin/deep-high-resolution-net.pytorch: keeps the best remaining pose and removes those similar to it, or lowers their
 * scores, in `scores` itself.
 *
 * @param similarity of two candidates by index, from 0 to 1
 * @param ranked indices into `scores`, highest first.
 * @returns the kept indices, in the order in which they were kept.
 * @example const kept = suppressDuplicates([2, 0, 1], scores, (a, b) => predictionOks(xy[a], xy[b], 900, sigmas), { threshold: 0.9 });
 */
export function suppressDuplicates(
  ranked: Iterable<number>,
  scores: { [index: number]: number },
  similarity: (a: number, b: number) => number,
  { threshold, soft = false, maxKept = Infinity }: SuppressOptions,
): number[] {
  const kept: number[] = [];
  let rest = [...ranked];
  while (rest.length > 0 && !(soft && kept.length >= maxKept)) {
    const best = rest.shift()!;
    kept.push(best);
    if (soft) {
      for (const other of rest) scores[other]! *= Math.exp(-(similarity(best, other) ** 2) / threshold);
      // Reversed first, so that among scores that become equal the last comes first, as with the references' `argsort()[::-1]`.
      rest.reverse().sort((a, b) => scores[b]! - scores[a]!);
    } else rest = rest.filter((other) => similarity(best, other) <= threshold);
  }
  return kept;
}
