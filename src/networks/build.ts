import { input, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions, requireThat } from '../bytes';
import { withoutInitialization, type Block } from '../blocks';
import { requireEngine } from '../engines';
import { initialize, type Initialization } from './initialize';

/** Options that every network takes. */
export interface NetworkOptions {
  /** [height, width, channels]. */
  inputShape?: readonly [height: number, width: number, channels: number];
  /** Number of heatmaps, one per keypoint. */
  keypoints?: number;
  /** Scheme of the initial weights. `'none'` leaves convolutions at zero, for weights that are loaded next. @defaultValue as the reference implementation */
  initialization?: Initialization | 'none';
  /** Seed of the initial weights. @defaultValue 0 */
  seed?: number;
}

/**
 * Applies a block to an image and initialises the layers. Height and width must be a multiple of `multiple` plus `plus`; `others` are inputs
 * after the image.
 *
 * @param name of the network, also in errors
 * @throws RangeError naming the nearest valid sizes, when height or width is invalid.
 * @example buildNetwork('mine', block, { inputShape: [128, 96, 3], keypoints: 17, initialization: 'he', multiple: 8 })
 */
export function buildNetwork(
  name: string,
  block: Block<SymbolicTensor, SymbolicTensor | SymbolicTensor[]>,
  options: Required<Omit<NetworkOptions, 'seed'>> & {
    seed?: number;
    multiple: number;
    plus?: number;
    others?: readonly SymbolicTensor[];
  },
): LayersModel {
  const {
    inputShape,
    keypoints,
    initialization,
    seed = 0,
    multiple,
    plus = 0,
    others = [],
  } = knownOptions('buildNetwork', options, [
    'inputShape',
    'keypoints',
    'initialization',
    'seed',
    'multiple',
    'plus',
    'others',
  ]);
  requireThat(typeof block === 'function', 'buildNetwork', 'block must be a block, such as pipe(…) gives', block);
  const shapeRule = 'inputShape must be [height, width, channels]';
  requireThat(Array.isArray(inputShape), name, shapeRule, inputShape);
  const [height, width, channels] = inputShape;
  const shown = `[${inputShape.join(', ')}]`;
  if (![height, width, channels].every((size) => Number.isInteger(size) && size > 0)) {
    throw new RangeError(`${name}: ${shapeRule}. Received: ${shown}.`);
  }
  const sides = [height, width];
  if (sides.some((size) => (size - plus) % multiple !== 0 || size <= plus)) {
    const nearest = sides.map((size) => Math.max(1, Math.round((size - plus) / multiple)) * multiple + plus);
    const rule = plus === 0 ? `divisible by ${multiple}` : `${multiple}n + ${plus}`;
    throw new RangeError(
      `${name}: height and width must be ${rule}. Received: inputShape=${shown}. The nearest that work are [${nearest.join(', ')}].`,
    );
  }
  if (!Number.isInteger(keypoints) || keypoints < 1) {
    throw new RangeError(`${name}: keypoints must be a positive integer. Received: ${keypoints}.`);
  }
  requireEngine(name);
  const image = input({ shape: [...inputShape], name: 'image' });
  const network = withoutInitialization(() => model({ inputs: [image, ...others], outputs: block(image, ''), name }));
  if (initialization !== 'none') initialize(network, initialization, { seed });
  return network;
}
