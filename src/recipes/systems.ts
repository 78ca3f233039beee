import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { grmi } from '../networks';
import { coordinateCodec, cpnCodec, diskOffsetCodec } from '../targets';
import { coordinateRegression, cpnLoss, diskOffsetLoss, type Loss } from '../training';
import { paperNetwork, type PaperNetwork } from './papers/paper-network';
import type { Recipe, RecipeColumns } from './recipe';

const ofPaper = ({ paper, network }: RecipeColumns): Pick<Recipe, 'build'> => ({
  build: (options) => paperNetwork(`${paper}-${network}` as PaperNetwork, options),
});

/** CPN: a target for each level of GlobalNet, and the hardest keypoints for RefineNet. */
export function cpnSystem(columns: RecipeColumns): Recipe<Tensor4D[], Tensor4D | readonly Tensor4D[]> {
  return {
    ...columns,
    ...ofPaper(columns),
    codec: (inputSize) => cpnCodec({ inputSize, heatmapSize: [inputSize[0] / 4, inputSize[1] / 4] }),
    loss: cpnLoss(), // all outputs; the codec decodes the last
    flipTest: true,
  };
}

/** Integral Regression: the L1 distance of coordinates, the network's last output. */
export function integralSystem(columns: RecipeColumns): Recipe<Tensor3D, Tensor3D> {
  const l1 = coordinateRegression({ norm: 'l1' });
  const loss: Loss<Tensor3D, Tensor3D | readonly Tensor3D[]> = (target, weights, predicted) =>
    l1(target, weights, [predicted].flat().at(-1) as Tensor3D);
  return {
    ...columns,
    ...ofPaper(columns),
    codec: (inputSize) => coordinateCodec({ inputSize }),
    loss,
    flipTest: true,
  };
}

/** G-RMI: disks and offsets at the input size. The disks, with a radius of 25 pixels at the paper's height, scale with the input. */
export function grmiSystem(columns: RecipeColumns): Recipe<Tensor4D, Tensor4D> {
  return {
    ...columns,
    build: (options) => grmi('grmi-101', { ...options, auxiliary: true }),
    codec: (inputSize) =>
      diskOffsetCodec({ inputSize, radius: Math.max(1, (25 * inputSize[1]) / columns.inputSize[1]) }),
    loss: diskOffsetLoss({ reduction: 'sum' }),
    flipTest: false, // the paper does not use one
  };
}
