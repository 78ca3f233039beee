import { knownOptions } from '../bytes';
import type { Frame, Keypoints } from '../keypoints';

/** Options of {@link oneEuro}. */
export interface OneEuroOptions {
  /**
   * Cutoff in Hz of a keypoint at rest: a lower value is smoother, and slower to react.
   * @defaultValue 0.5
   */
  readonly minCutoff?: number;
  /**
   * Increase of the cutoff in Hz per person size per second: a higher value follows a moving keypoint more closely, with more noise.
   * @defaultValue 6
   */
  readonly beta?: number;
  /**
   * Cutoff in Hz of the speed. Rarely needs changing.
   * @defaultValue 1
   */
  readonly derivativeCutoff?: number;
  /**
   * Confidence from which a keypoint counts fully. Below it, the cutoff decreases in proportion: a barely visible
   * keypoint keeps its position.
   * @defaultValue 0.3
   */
  readonly confident?: number;
}

/** Smooths the consecutive poses of one person. It keeps state: use one filter per person. */
export interface PoseFilter {
  /**
   * @param pose K keypoints of any frame; scores are confidences.
   * @param time seconds, increasing; an earlier time resets the filter, as when a video restarts.
   * @param size size of the person in pixels. Default: the square root of the area of its keypoints' box, low-pass filtered.
   * @returns the smoothed keypoints, with unchanged scores.
   */
  <F extends Frame>(pose: Keypoints<F>, time: number, size?: number): Keypoints<F>;
  /** Resets the filter. */
  reset(): void;
}

const DEFAULTS = { minCutoff: 0.5, beta: 6, derivativeCutoff: 1, confident: 0.3 } as const;

/**
 * The 1 € filter for keypoints: a low-pass filter whose cutoff increases with speed, `minCutoff + beta · speed`, so that a still
 * keypoint does not jitter and a moving one does not lag. [Casiez, Roussel and Vogel, CHI 2012](https://doi.org/10.1145/2207676.2208639).
 *
 * Speed is measured in the plane, in person sizes per second, so that the same settings fit near and far people.
 * Otherwise it follows the authors' implementation, github.com/casiez/OneEuroFilter: for a single coordinate of size 1 the results are equal.
 * In addition to that filter, this one uses confidence. Coordinates that are not finite are ignored.
 *
 * To tune it: hold still and lower `minCutoff` until nothing jitters; then move and raise `beta` until nothing lags.
 *
 * @throws RangeError for a parameter that is not positive (`beta` may be 0), a time that is not finite, or a changed number of keypoints.
 * @example
 * const smooth = oneEuro();
 * for await (const { image, time } of frames(video)) {
 *   const [pose] = await estimator.estimate(image, [box]);
 *   drawPose(context, smooth(pose!, time), { skeleton: COCO });
 * }
 */
export function oneEuro(options: OneEuroOptions = {}): PoseFilter {
  knownOptions('oneEuro', options, ['minCutoff', 'beta', 'derivativeCutoff', 'confident']);
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
  // Per keypoint: x, y and their derivatives, filtered. NaN until the keypoint has been seen.
  let state = new Float64Array(0);

  const smooth = <F extends Frame>(pose: Keypoints<F>, time: number, size?: number): Keypoints<F> => {
    if (!Number.isFinite(time)) throw new RangeError(`oneEuro: time must be finite, in seconds. Received: ${time}.`);
    if (size !== undefined && !(size > 0 && size < Infinity)) {
      throw new RangeError(`oneEuro: size must be a positive number of pixels. Received: ${size}.`);
    }
    if (count !== 0 && pose.score.length !== count) {
      throw new RangeError(
        `oneEuro: a filter is for one person, which had ${count} keypoints. Received: ${pose.score.length}. Create a filter per person, or call reset().`,
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

/** The size is filtered with 1 Hz, so that it does not jitter with the keypoints from which it is measured. */
function followed(before: number, now: number, step: number): number {
  if (!(now > 0)) return before > 0 ? before : 1;
  return before > 0 ? before + share(1, step) * (now - before) : now;
}

/** Side of a square with the area of the box of the confident keypoints; of all keypoints where fewer than two are confident. */
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
    // A person seen from the side, or with an outstretched arm, has a thin box but is not smaller.
    const [long, short] = [Math.max(x1 - x0, y1 - y0), Math.min(x1 - x0, y1 - y0)];
    return Math.sqrt(long * Math.max(short, long / 3));
  };
  return within(confident) || within(-Infinity);
}
