import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Keypoints, Size } from '../keypoints';
import { flipAverage, flipAverageCoordinates, quarterOffset, softArgmaxDecoder } from '../postprocess';
import { coordinateCodec, cpnCodec, diskOffsetCodec, epochScale, gaussianCodec, type AnyCodec } from '../targets';
import type { Encode } from '../training';
import { coordinateRegression } from '../training';
import { cpnLoss } from '../training';
import { diskOffsetLoss } from '../training';
import { intermediateSupervision } from '../training';
import { jointsMse } from '../training';
import type { Loss } from '../training';
import type { FlipMerge } from '../training';
import type { HeatmapRecipe, Recipe, SystemRecipe } from './recipe';

/** What a network is taught and how its last output is read, as `fit`, `withTargets` and `validatePoses` take them. */
export interface Supervision {
  readonly codec: AnyCodec & { decodeBatch(prediction: Tensor): Promise<Keypoints<'input'>[]> };
  /** The codec of an epoch, for `topDownLoader`. */
  readonly codecOf: (epoch: number) => AnyCodec;
  /** The loss's targets and weights, of an epoch, or as they are in the end. Both are typed as if of heatmaps; what they are is between the two. */
  readonly encode: (people: readonly Keypoints<'input'>[], epoch?: number) => ReturnType<Encode>;
  readonly loss: Loss;
  /** How the flip test merges, where not as heatmaps do; null where the system has none. */
  readonly flip: { readonly merge?: FlipMerge } | null;
  /** Whether the last output is heatmaps that equal the target, which the guards and the self-test can look at. */
  readonly heatmaps: boolean;
}

type Batched<Target> = AnyCodec & {
  encodeBatch(people: readonly Keypoints<'input'>[]): ReturnType<Encode<Target>>;
  decodeBatch(prediction: Tensor): Promise<Keypoints<'input'>[]>;
};

/** Sees that targets and loss belong together, and forgets what they are. */
function supervision<Target, Predicted>(
  codec: Batched<Target>,
  loss: Loss<Target, Predicted>,
  flip: Supervision['flip'],
): Supervision {
  const encode = (people: readonly Keypoints<'input'>[]) => codec.encodeBatch(people);
  return { codec, codecOf: () => codec, encode, loss, flip, heatmaps: false } as unknown as Supervision;
}

function ofHeatmaps({ stride, sigma, beta, epochScaled }: HeatmapRecipe, inputSize: Size): Supervision {
  const codec = gaussianCodec({
    inputSize,
    heatmapSize: [Math.round(inputSize[0] / stride), Math.round(inputSize[1] / stride)],
    sigma,
    refine: beta === undefined ? quarterOffset : softArgmaxDecoder({ beta }),
  });
  const factor = epochScaled ? epochScale() : () => 1;
  const codecOf = (epoch: number) => codec.withFactor(factor(epoch));
  return {
    codec,
    codecOf,
    encode: (people, epoch) => (epoch === undefined ? codec : codecOf(epoch)).encodeBatch(people),
    loss: intermediateSupervision(jointsMse) as Loss, // of networks with one output and with several
    flip: {},
    heatmaps: true,
  };
}

const SYSTEMS: Readonly<Record<SystemRecipe['method'], (inputSize: Size, recipe: SystemRecipe) => Supervision>> = {
  cpn: (inputSize) => {
    const codec = cpnCodec({ inputSize, heatmapSize: [inputSize[0] / 4, inputSize[1] / 4] });
    const merge: FlipMerge = (heatmaps, mirrored, set) => flipAverage(heatmaps as Tensor4D, mirrored as Tensor4D, set);
    return supervision(codec, cpnLoss(), { merge });
  },
  integral: (inputSize) => {
    const l1 = coordinateRegression({ norm: 'l1' });
    const loss: Loss<Tensor3D, Tensor3D | readonly Tensor3D[]> = (target, weights, predicted) =>
      l1(target, weights, [predicted].flat().at(-1) as Tensor3D);
    const merge: FlipMerge = (coordinates, mirrored, set) =>
      flipAverageCoordinates(coordinates as Tensor3D, mirrored as Tensor3D, set, { normalized: inputSize[0] });
    return supervision(coordinateCodec({ inputSize }), loss, { merge });
  },
  grmi: (inputSize, recipe) => {
    const radius = Math.max(1, (25 * inputSize[1]) / recipe.inputSize[1]);
    return supervision(diskOffsetCodec({ inputSize, radius }), diskOffsetLoss({ reduction: 'sum' }), null);
  },
};

/**
 * What a recipe's network is taught at an input size, and how it is read: codec, targets, loss, and the flip test's mean. Gaussian heatmaps by the mean
 * squared error of all outputs; of CPN, Integral Regression and G-RMI what their systems have.
 *
 * @param inputSize `[width, height]` in pixels, the recipe's own unless told. G-RMI's disks, of 25 pixels, shrink with it.
 * @example
 * const { codec, encode, loss, flip } = recipeSupervision(RECIPES['cpn-50']);
 * const validate = validatePck({ batches: heldOut, codec, ...(flip && { flip: COCO, ...flip }) });
 * fit(network, { loss, batches: withTargets(crops, encode), validate, monitor: 'PCK', … });
 */
export function recipeSupervision(recipe: Recipe, inputSize: Size = recipe.inputSize): Supervision {
  return 'sigma' in recipe ? ofHeatmaps(recipe, inputSize) : SYSTEMS[recipe.method](inputSize, recipe);
}
