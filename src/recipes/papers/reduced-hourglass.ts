import type { LayersModel } from '@tensorflow/tfjs-layers';
import { namanStem, reducedStem } from '../../blocks';
import { buildNetwork, requireVariant, stackedHourglass, type StackedHourglassOptions } from '../../networks';

/**
 * Kim, Novossyolov and Nurambek, "Human Pose Estimation": section IV and Table I. Two stacked hourglasses whose first layers have a third fewer
 * weights; the counts are of convolutions with biases, without normalisations.
 */
export const REDUCED_HOURGLASS = {
  'stem-original': { stem: 'naman', only: 'stem', paper: { convParams: 350848 } },
  'stem-reduced': { stem: 'reduced', only: 'stem', paper: { convParams: 235328 } },
  'full-original': { stem: 'naman', only: undefined, paper: {} },
  'full-reduced': { stem: 'reduced', only: undefined, paper: {} },
} as const;

/** Networks of paper 001. */
export type ReducedHourglass = keyof typeof REDUCED_HOURGLASS;

/**
 * A network of the paper by its row: [N, 256, 256, 3] → two outputs [N, 64, 64, 16]; the rows of stems end after their 256 channels, [N, 64, 64, 256].
 *
 * @throws RangeError for an unknown row.
 * @example const network = reducedHourglass('full-reduced');
 */
export function reducedHourglass(row: ReducedHourglass, options: StackedHourglassOptions = {}): LayersModel {
  requireVariant('reducedHourglass', row, REDUCED_HOURGLASS, 'row');
  const { stem, only } = REDUCED_HOURGLASS[row];
  if (only === undefined) return stackedHourglass({ stacks: 2, stem, ...options });
  const { inputShape = [256, 256, 3], initialization = 'torch', seed = 0, filters = 256 } = options;
  const block = stem === 'naman' ? namanStem({ filters }) : reducedStem({ filters });
  return buildNetwork(row, block, { inputShape, keypoints: 1, initialization, seed, multiple: 4 });
}
