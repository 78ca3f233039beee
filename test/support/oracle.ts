import { seededRandom } from '../../src/random';
import { keypointsOf, type Box, type Keypoints } from 'poseblocks/keypoints';
import type { PoseEstimator } from 'poseblocks/video';

/** As much of a picture's annotation as is needed. */
interface Annotation {
  readonly id: number;
  readonly keypoints: readonly number[];
  readonly bbox: ArrayLike<number>;
}

/** An estimator that knows the truth of the picture, set by hand; it counts the boxes it was asked about. */
export interface Oracle extends PoseEstimator {
  truth: readonly Annotation[];
  boxes: number;
  calls: number;
}

/**
 * Sees in each box the person that fills most of it, as a network does: with noise of a hundredth of the box, less sure where a
 * keypoint lies beyond the padded box or the person fills little of it.
 */
export function oracle(seed = 1): Oracle {
  const random = seededRandom(seed);
  const found: Oracle = {
    truth: [],
    boxes: 0,
    calls: 0,
    async estimate(_, boxes) {
      found.calls++;
      found.boxes += boxes.length;
      return boxes.map((box) => poseIn(box, found.truth, random.normal));
    },
  };
  return found;
}

function poseIn(box: Box, truth: readonly Annotation[], normal: () => number): Keypoints<'image'> {
  const overlap = (other: ArrayLike<number>): number => {
    const across = Math.min(box[0] + box[2], other[0]! + other[2]!) - Math.max(box[0], other[0]!);
    const down = Math.min(box[1] + box[3], other[1]! + other[3]!) - Math.max(box[1], other[1]!);
    return Math.max(0, across) * Math.max(0, down);
  };
  const center = (b: ArrayLike<number>): number => b[0]! + b[2]! / 2;
  const by = (a: Annotation): number => overlap(a.bbox) - Math.abs(center(a.bbox) - center(box));
  const [best] = [...truth].sort((a, b) => by(b) - by(a));
  if (best === undefined || overlap(best.bbox) === 0) return keypointsOf('image', new Array<number>(51).fill(0.05));
  const { xy, score } = keypointsOf('image', best.keypoints);
  const size = Math.max(box[2], box[3]);
  const fills = Math.min(1, (2.5 * Math.max(best.bbox[2]!, best.bbox[3]!)) / size);
  const inside = (value: number, from: number, length: number): boolean =>
    value > from - 0.15 * length && value < from + 1.15 * length;
  return {
    frame: 'image',
    xy: xy.map((value) => value + 0.01 * size * normal()),
    score: score.map((visibility, k) => {
      const seen = inside(xy[2 * k]!, box[0], box[2]) && inside(xy[2 * k + 1]!, box[1], box[3]);
      return visibility === 0 || !seen ? 0.05 : fills * (visibility === 2 ? 0.85 : 0.5);
    }),
  };
}
