import { requireThat } from '../bytes';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { requireEngine } from '../engines';
import type { Keypoints, KeypointSet } from '../keypoints';
import { flipMean, flipMeanArray, type TensorArray } from '../postprocess';
import type { Codec, EncodedBatch, Prediction, TargetArrays } from './codec';

/** The parts that differ between codecs; {@link defineCodec} completes a {@link Codec} from them. */
export interface CodecDefinition<Target, Output, One> extends Pick<
  Codec<Target, Output, One>,
  | 'inputSize'
  | 'precision'
  | 'margin'
  | 'borderPrecision'
  | 'encode'
  | 'decode'
  | 'encodeArrays'
  | 'decodeArrays'
  | 'checkOutputs'
  | 'flipRules'
  | 'toJSON'
> {
  /** Name of the codec in errors. */
  readonly name: string;
  /** Number of outputs that are decoded. @defaultValue 1 */
  readonly outputs?: number;
  /** The tensors of the target in the form of the loss. @defaultValue the single tensor, or the list where there are several */
  readonly target?: (tensors: Tensor[]) => Target;
  /**
   * Reduces an output's tensors on the device before they are read back.
   *
   * @defaultValue the tensors are read unchanged
   */
  readonly onDevice?: (outputs: readonly Tensor[]) => Tensor[];
  /** Decodes the result of {@link CodecDefinition.onDevice} after it is read back. @defaultValue `decodeArrays` */
  readonly decodeReduced?: (arrays: readonly TensorArray[]) => Keypoints<'input'>[];
}

/**
 * Completes a codec: derives `encodeBatch`, `decodeBatch` and `mergeFlip` on tensors from its rules on plain arrays. Further properties of the definition are kept.
 *
 * @example
 * const codec = defineCodec({ name: 'myCodec', inputSize: [96, 128], precision: 1, margin: 0, borderPrecision: 1, encode, … });
 */
export function defineCodec<Target, Output, One, Definition extends CodecDefinition<Target, Output, One>>(
  definition: Definition,
): Definition & Codec<Target, Output, One> {
  const { name, outputs = 1 } = definition;
  const { target = (tensors: Tensor[]) => (tensors.length === 1 ? tensors[0] : tensors) as Target } = definition;
  const { onDevice, decodeReduced } = definition;

  const taken = (where: string, output: Output | Prediction): Tensor[] => {
    const tensors = ([output] as unknown[]).flat().slice(-outputs) as Tensor[];
    if (tensors.length < outputs || !tensors.every((each) => each instanceof tf.Tensor)) {
      throw new TypeError(
        `${name}.${where}: the output must be ${outputs === 1 ? 'a tensor, or a list of them' : `a list of ${outputs} tensors or more`}. Received: ${tensors.map((each) => (each instanceof tf.Tensor ? `[${each.shape}]` : typeof each)).join(', ')}.`,
      );
    }
    definition.checkOutputs(`${name}.${where}`, tensors.map(({ shape }) => shape)); // prettier-ignore
    return tensors;
  };
  const asOutput = (tensors: Tensor[]): Output => (outputs === 1 ? tensors[0] : tensors) as Output;

  const made = {
    outputs,
    targetTensors({ target: arrays, weights }: TargetArrays): EncodedBatch<Target> {
      return { target: target(arrays.map(tensorOf)), weights: tensorOf(weights) as Tensor2D };
    },
    encodeBatch: (people: readonly Keypoints<'input'>[]): EncodedBatch<Target> => {
      requireThat(
        Array.isArray(people),
        `${name}.encodeBatch`,
        'people must be a list of keypoints in the input',
        people,
      );
      const arrays = definition.encodeArrays(people);
      requireEngine(`${name}.encodeBatch`);
      return made.targetTensors(arrays);
    },
    async decodeBatch(output: Output | Prediction): Promise<Keypoints<'input'>[]> {
      const tensors = taken('decodeBatch', output);
      if (onDevice === undefined || decodeReduced === undefined) return definition.decodeArrays(await readAll(tensors));
      const reduced = tf.tidy(() => onDevice(tensors));
      try {
        return decodeReduced(await readAll(reduced));
      } finally {
        tf.dispose(reduced);
      }
    },
    mergeFlip(output: Output | Prediction, mirrored: Output | Prediction, set: KeypointSet): Output {
      const [straight, turned] = [taken('mergeFlip', output), taken('mergeFlip', mirrored)];
      const rules = definition.flipRules(set, straight.map(({ shape }) => shape)); // prettier-ignore
      return asOutput(straight.map((each, i) => flipMean(each, turned[i]!, rules[i]!)));
    },
    mergeFlipArrays(output: readonly TensorArray[], mirrored: readonly TensorArray[], set: KeypointSet): TensorArray[] {
      const shapes = output.map(({ shape }) => shape);
      definition.checkOutputs(`${name}.mergeFlipArrays`, shapes);
      const rules = definition.flipRules(set, shapes);
      return output.map((each, i) => flipMeanArray(each, mirrored[i]!, rules[i]!));
    },
  };
  // Copies property descriptors, so that getters of the definition stay getters.
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(definition),
      ...Object.getOwnPropertyDescriptors(made),
    },
  ) as Definition & Codec<Target, Output, One>;
}

const tensorOf = ({ values, shape }: TensorArray): Tensor => tf.tensor(values, [...shape]);

async function readAll(tensors: readonly Tensor[]): Promise<TensorArray[]> {
  return Promise.all(tensors.map(async (each) => ({ values: (await each.data()) as Float32Array, shape: each.shape })));
}
