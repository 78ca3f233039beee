import type { LayersModel } from '@tensorflow/tfjs-layers';
import { knownOptions, shown } from '../bytes';
import { normalizationOf, type Normalization, type NormalizationName } from '../datasets';
import { boxToCrop, imageToCrop, type Crop } from '../geometry';
import type { Box, KeypointSet, Size } from '../keypoints';
import type { Codec } from '../targets';

/** The part of an image that the network sees. */
export type CropRule =
  /** A person's box, extended to the input's aspect ratio and padded: 1.25 is a quarter more on each axis. */
  | { readonly region: 'box'; readonly padding: number }
  /** The whole image, for networks trained on whole images: `'contain'` keeps its proportions (letterbox), `'stretch'` does not. */
  | { readonly region: 'image'; readonly fit: 'contain' | 'stretch' };

/** Origin of a model: information for readers of the file. Plain JSON; add your own fields. */
export interface Provenance {
  /** Name of the recipe, or a short description. */
  readonly recipe?: string;
  /** Training data. */
  readonly data?: string;
  /** Metrics by name: `{ 'PCK@0.2': 0.71 }`. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Licence of the weights, as an SPDX identifier or in words. */
  readonly license?: string;
  /** URL of the weights. */
  readonly version?: string;
  readonly [key: string]: unknown;
}

/** A network with its codec, keypoints, normalisation and crop rule, used from training to deployment. One file stores it: {@link savePoseModel}, {@link loadPoseModel}. */
export interface PoseModel<C extends Codec = Codec> {
  /** [N, H, W, 3] → the output that the codec decodes. It belongs to its creator, who disposes it. */
  readonly network: LayersModel;
  readonly codec: C;
  readonly keypointSet: KeypointSet;
  /** Normalisation of the input's pixels. */
  readonly normalization: Normalization;
  readonly crop: CropRule;
  readonly provenance: Provenance;
}

/** Options of {@link poseModel}. */
export interface PoseModelOptions<C extends Codec> {
  /** Its last output is what the codec decodes. */
  readonly network: LayersModel;
  /** Encodes targets and decodes outputs. */
  readonly codec: C;
  /** Names, flip pairs, limbs and sigmas. */
  readonly keypointSet: KeypointSet;
  /** Normalisation, by name or as means and deviations. @defaultValue 'imagenet' */
  readonly normalization?: NormalizationName | Normalization;
  /** Factor on a person's box before cropping. Not together with `crop`. @defaultValue 1.25 */
  readonly padding?: number;
  /** Crop rule. @defaultValue the person's box, padded */
  readonly crop?: CropRule;
  /** Origin of the model. @defaultValue {} */
  readonly provenance?: Provenance;
}

/**
 * Combines a network with its codec, keypoints, normalisation and crop rule, and checks that they fit together.
 *
 * @throws RangeError when the network's input or outputs do not match the codec, or its number of keypoints differs from the set's; TypeError when a required option is missing.
 * @example
 * import { COCO } from 'poseblocks/keypoints';
 * import { poseModel } from 'poseblocks/models';
 * const model = poseModel({ network, codec, keypointSet: COCO });
 */
export function poseModel<C extends Codec>(options: PoseModelOptions<C>): PoseModel<C> {
  const { network, codec, keypointSet, normalization = 'imagenet', padding = 1.25, provenance = {} } = options ?? {};
  for (const [name, value, has] of [
    ['network', network, 'predict'],
    ['codec', codec, 'decodeBatch'],
    ['keypointSet', keypointSet, 'names'],
  ] as const) {
    if (value === null || typeof value !== 'object' || !(has in value)) {
      throw new TypeError(
        `poseModel: ${name} must be given, ${WHAT[name]}. Received: ${value === null ? 'null' : typeof value}.`,
      );
    }
  }
  knownOptions('poseModel', options, ['network', 'codec', 'keypointSet', 'normalization', 'padding', 'crop', 'provenance']); // prettier-ignore
  if (options.crop !== undefined && options.padding !== undefined) {
    throw new RangeError(
      'poseModel: padding and crop must not both be given: set padding within crop. Received: both.',
    );
  }
  const crop = checkedCrop(options.crop ?? { region: 'box', padding });
  assertFits(network, codec, keypointSet);
  return { network, codec, keypointSet, normalization: normalizationOf(normalization), crop, provenance };
}

const WHAT = {
  network: 'a LayersModel such as lpn(…) returns',
  codec: 'such as gaussianCodec(…) returns',
  keypointSet: 'such as COCO of poseblocks/keypoints',
} as const;

/** @internal */
export function checkedCrop(crop: CropRule): CropRule {
  if (crop?.region === 'image' && (crop.fit === 'contain' || crop.fit === 'stretch')) {
    return { region: 'image', fit: crop.fit };
  }
  if (crop?.region !== 'box' || !(crop.padding > 0 && Number.isFinite(crop.padding))) {
    throw new RangeError(
      `poseModel: crop must be { region: 'box', padding: a number above 0 } or { region: 'image', fit: 'contain' or 'stretch' }. Received: ${shown(crop)}.`,
    );
  }
  return { region: 'box', padding: crop.padding };
}

function assertFits(network: LayersModel, codec: Codec, set: KeypointSet): void {
  const [height, width, channels] = network.inputs[0]!.shape.slice(1);
  if (width !== codec.inputSize[0] || height !== codec.inputSize[1] || channels !== 3 || network.inputs.length !== 1) {
    throw new RangeError(
      `poseModel: the network's one input must be [height ${codec.inputSize[1]}, width ${codec.inputSize[0]}, 3], as the codec's inputSize [${codec.inputSize}] (width, height) says. ` +
        `Received: ${network.inputs.map(({ shape }) => `[${shape.slice(1)}]`).join(', ')}.`,
    );
  }
  const shapes = network.outputs.slice(-codec.outputs).map(({ shape }) => shape.map((length) => length ?? 1));
  codec.checkOutputs('poseModel', shapes);
  codec.flipRules(set, shapes).forEach(({ exchange: { axis, order } }, i) => {
    if (shapes[i]![axis] === order.length) return;
    const each = order.length / set.names.length;
    throw new RangeError(
      `poseModel: the network must have the ${set.names.length} keypoints of ${set.name}. Received: ${shapes[i]![axis]! / each}.`,
    );
  });
}

/**
 * The crop of a person's box, or of the whole image, according to the rule.
 *
 * @param box `[x, y, width, height]` in pixels of the image; ignored where the rule takes the whole image.
 * @param imageSize `[width, height]`
 * @example const crop = cropOf(model.crop, [10, 20, 80, 200], [640, 480], model.codec.inputSize);
 */
export function cropOf(rule: CropRule, box: Box, imageSize: Size, inputSize: Size): Crop {
  return rule.region === 'image'
    ? imageToCrop(imageSize, inputSize, rule)
    : boxToCrop(box, inputSize, { padding: rule.padding });
}
