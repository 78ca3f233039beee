import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Size } from '../keypoints';
import { quarterOffset, softArgmaxDecoder } from '../postprocess';
import { epochScale, gaussianCodec, type HeatmapCodec } from '../targets';
import { intermediateSupervision, jointsMse } from '../training';
import { paperNetwork, type PaperNetwork } from './papers/paper-network';
import type { HeatmapColumns, Recipe, RecipeNetworkOptions } from './recipe';

/** A recipe with Gaussian heatmaps: the mean squared error of all outputs, evaluated with argmax and quarter offset, or with soft-argmax where a β is given. */
export type HeatmapRecipe = HeatmapColumns & Recipe<Tensor4D, Tensor4D>;

/**
 * Completes the columns of a recipe whose targets are Gaussian heatmaps.
 *
 * @param build builds the network. @defaultValue the network of the paper's row
 * @example const mine = heatmapRecipe({ ...RECIPES['lpn-50'], sigma: 3 });
 */
export function heatmapRecipe(
  columns: HeatmapColumns,
  build: (options: RecipeNetworkOptions) => LayersModel = (options) =>
    paperNetwork(`${columns.paper}-${columns.network}` as PaperNetwork, options),
): HeatmapRecipe {
  const { stride, sigma, beta, epochScaled } = columns;
  const refine = beta === undefined ? quarterOffset : softArgmaxDecoder({ beta });
  const codec = (inputSize: Size): HeatmapCodec => {
    const heatmapSize = [Math.round(inputSize[0] / stride), Math.round(inputSize[1] / stride)] as const;
    return gaussianCodec({ inputSize, heatmapSize, sigma, refine });
  };
  const factor = epochScale();
  return {
    ...columns,
    build,
    codec,
    ...(epochScaled && { codecAt: (epoch: number, inputSize: Size) => codec(inputSize).withFactor(factor(epoch)) }),
    loss: intermediateSupervision(jointsMse), // for networks with one or several outputs
    flipTest: true,
  };
}
