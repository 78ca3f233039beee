import type { Frame, Keypoints } from '../keypoints';

export interface OneEuroOptions {
  /**
   * Hz, of a keypoint at rest: lower is stiller, and slower to start.
   * @defaultValue 0.5
   */
  readonly minCutoff?: number;
  /**
   * Hz for each person size a second: higher follows a moving keypoint more closely, and lets more of its noise through.
   * @defaultValue 6
   */
  readonly beta?: number;
  /**
   * Hz, of the speed. Rarely worth changing.
   * @defaultValue 1
   */
  readonly derivativeCutoff?: number;
  /**
   * Confidence from which a keypoint counts in full. Below, the cutoff shrinks in proportion: a keypoint that is hardly
   * seen stays where it was.
   * @defaultValue 0.3
   */
  readonly confident?: number;
}

/** Smooths the poses of one person, one after the other. Keeps state: one for each person. */
export interface PoseFilter {
  /**
   * @param pose K keypoints of any frame; scores are confidences.
   * @param time seconds, rising; an earlier time starts afresh, as when a film begins again.
   * @param size of the person in pixels. Default: the square root of its keypoints' box, slowly followed.
   * @returns the same keypoints, smoothed; scores as given.
   */
  <F extends Frame>(pose: Keypoints<F>, time: number, size?: number): Keypoints<F>;
  /** Forgets the past. */
  reset(): void;
}

const DEFAULTS = { minCutoff: 0.5, beta: 6, derivativeCutoff: 1, confident: 0.3 } as const;

/**
 * The 1 € filter for keypoints: a low-pass filter whose cutoff rises with speed, `minCutoff + beta · speed`, so that a still
 * keypoint does not jitter and a moving one does not lag. [Casiez, Roussel and Vogel, CHI 2012](https://doi.org/10.1145/2207676.2208639).
 *
 * Speed is that of the keypoint in the plane, in sizes of the person a second, so that one setting holds for near and far.
 * Otherwise as the authors' implementation, github.com/casiez/OneEuroFilter: a single coordinate of size 1 gives its numbers.
 * Where theirs filters any number, this one also knows confidence. A coordinate that is not finite is passed over.
 *
 * To tune: hold still and lower `minCutoff` until nothing trembles; then move and raise `beta` until nothing lags.
 *
 * @throws RangeError for a parameter that is not positive (`beta` may be 0), a time that is not finite, or another number of keypoints.
 * @example
 * const smooth = oneEuro();
 * for await (const { image, time } of frames(video)) {
 *   const [pose] = await estimator.estimate(image, [box]);
 *   drawPose(context, smooth(pose!, time), { skeleton: COCO });
 * }
 */
export function oneEuro(options: OneEuroOptions = {}): PoseFilter {
  const { minCutoff, beta, derivativeCutoff, confident } = { ...DEFAULTS, ...options };
  const positive = minCutoff > 0 && derivativeCutoff > 0 && confident > 0 && beta >= 0;
  if (!(positive && Number.isFinite(minCutoff + beta + derivativeCutoff + confident))) {
    throw new RangeError(
      `oneEuro: minCutoff, derivativeCutoff and confident must be positive, beta at least 0. Received: ${JSON.stringify({ minCutoff, beta, derivativeCutoff, confident })}.`,
    );
  }
  let count = 0;
  let last = NaN;
  let extent = NaN;
  // Of each keypoint: x, y and their derivatives, filtered. NaN until it has been seen.
  let state = new Float64Array(0);

  const smooth = <F extends Frame>(pose: Keypoints<F>, time: number, size?: number): Keypoints<F> => {
    if (!Number.isFinite(time)) throw new RangeError(`oneEuro: time must be finite, in seconds. Received: ${time}.`);
    if (size !== undefined && !(size > 0 && size < Infinity)) {
      throw new RangeError(`oneEuro: size must be a positive number of pixels. Received: ${size}.`);
    }
    if (count !== 0 && pose.score.length !== count) {
      throw new RangeError(
        `oneEuro: a filter is for one person, who had ${count} keypoints. Received: ${pose.score.length}. Make one filter each, or call reset().`,
      );
    }
    if (count === 0 || time < last) {
      count = pose.score.length;
      state = new Float64Array(4 * count).fill(NaN);
      extent = NaN;
    } else if (time === last) {
      return { frame: pose.frame, xy: positions(), score: pose.score };
    }
    const step = time - last;
    last = time;
    extent = size ?? followed(extent, sizeOf(pose, confident), step);
    for (let k = 0; k < count; k++) update(k, pose, step);
    return { frame: pose.frame, xy: positions(), score: pose.score };
  };

  const update = (k: number, { xy, score }: Keypoints, step: number): void => {
    const [x, y, at] = [xy[2 * k]!, xy[2 * k + 1]!, 4 * k];
    if (!Number.isFinite(x + y)) return;
    if (Number.isNaN(state[at]!)) return state.set([x, y, 0, 0], at);
    const trust = Math.min(1, Math.max(0, score[k]!) / confident);
    const a = share(derivativeCutoff * trust, step);
    state[at + 2]! += a * ((x - state[at]!) / step - state[at + 2]!);
    state[at + 3]! += a * ((y - state[at + 1]!) / step - state[at + 3]!);
    const speed = Math.hypot(state[at + 2]!, state[at + 3]!) / extent;
    const b = share((minCutoff + beta * speed) * trust, step);
    state[at]! += b * (x - state[at]!);
    state[at + 1]! += b * (y - state[at + 1]!);
  };
  const positions = (): Float32Array =>
    Float32Array.from({ length: 2 * count }, (_, i) => state[4 * (i >> 1) + (i & 1)]!);

  return Object.assign(smooth, {
    reset: () => {
      count = 0;
      last = NaN;
    },
  });
}

/** Weight of the newest value in a low-pass filter of the given cutoff: 1 / (1 + τ / Δt), τ = 1 / (2π · cutoff). */
function share(cutoff: number, step: number): number {
  const turns = 2 * Math.PI * cutoff * step;
  return turns / (turns + 1);
}

/** The size follows with 1 Hz, so that it does not tremble with the keypoints that it is measured by. */
function followed(before: number, now: number, step: number): number {
  if (!(now > 0)) return before > 0 ? before : 1;
  return before > 0 ? before + share(1, step) * (now - before) : now;
}

/** Side of a square as large as the box of the sure keypoints; of all where less than two are sure. */
function sizeOf({ xy, score }: Keypoints, confident: number): number {
  const within = (least: number): number => {
    let [x0, y0, x1, y1, found] = [Infinity, Infinity, -Infinity, -Infinity, 0];
    for (let k = 0; k < score.length; k++) {
      const [x, y] = [xy[2 * k]!, xy[2 * k + 1]!];
      if (!(score[k]! >= least) || !Number.isFinite(x + y)) continue;
      found++;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = Math.max(y1, y);
    }
    if (found < 2) return 0;
    // A side view of a person, or an arm that is stretched out, is no smaller for being thin.
    const [long, short] = [Math.max(x1 - x0, y1 - y0), Math.min(x1 - x0, y1 - y0)];
    return Math.sqrt(long * Math.max(short, long / 3));
  };
  return within(confident) || within(-Infinity);
}
