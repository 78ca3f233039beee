import type { LayersModel } from '@tensorflow/tfjs-layers';
import { shown } from '../bytes';
import { normalizationOf, type Normalization, type NormalizationName } from '../datasets';
import { boxToCrop, imageToCrop, type Crop } from '../geometry';
import type { Box, KeypointSet, Size } from '../keypoints';
import type { Codec } from '../targets';

/** Which part of an image the network sees. */
export type CropRule =
  /** A person's box, made as wide or high as the input's aspect ratio asks, and padded: 1.25 is a quarter more on each axis. */
  | { readonly region: 'box'; readonly padding: number }
  /** The whole image, for networks that were taught so: `'contain'` keeps its proportions (letterbox), `'stretch'` does not. */
  | { readonly region: 'image'; readonly fit: 'contain' | 'stretch' };

/** Where a model comes from: what a reader of the file should know. Plain JSON; add what you like. */
export interface Provenance {
  /** Name of the recipe, or a few words. */
  readonly recipe?: string;
  /** What it was trained on. */
  readonly data?: string;
  /** What was measured, by name: `{ 'PCK@0.2': 0.71 }`. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Of the weights, as an SPDX identifier or in words. */
  readonly license?: string;
  /** Of the weights. */
  readonly version?: string;
  readonly [key: string]: unknown;
}

/** A network with everything that belongs to it, from training to a page. One file keeps it: {@link savePoseModel}, {@link loadPoseModel}. */
export interface PoseModel<C extends Codec = Codec> {
  /** [N, H, W, 3] → what the codec decodes. It stays its maker's, who disposes it. */
  readonly network: LayersModel;
  readonly codec: C;
  readonly keypointSet: KeypointSet;
  /** What the input's pixels become before the network sees them. */
  readonly normalization: Normalization;
  readonly crop: CropRule;
  readonly provenance: Provenance;
}

export interface PoseModelOptions<C extends Codec> {
  readonly network: LayersModel;
  readonly codec: C;
  readonly keypointSet: KeypointSet;
  /** @defaultValue 'imagenet' */
  readonly normalization?: NormalizationName | Normalization;
  /** Of a person's box before it is cropped. Not with a `crop` of its own. @defaultValue 1.25 */
  readonly padding?: number;
  /** @defaultValue the person's box, padded */
  readonly crop?: CropRule;
  /** @defaultValue {} */
  readonly provenance?: Provenance;
}

/**
 * Joins a network with its codec, keypoints, normalisation and crop rule, and checks that they fit.
 *
 * @throws RangeError when the network's input or outputs are not the codec's, or it has another number of keypoints than the set; TypeError when something is missing.
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
  if (options.crop !== undefined && options.padding !== undefined) {
    throw new RangeError('poseModel: padding belongs into crop where crop is given. Received: both.');
  }
  const crop = checkedCrop(options.crop ?? { region: 'box', padding });
  assertFits(network, codec, keypointSet);
  return { network, codec, keypointSet, normalization: normalizationOf(normalization), crop, provenance };
}

const WHAT = {
  network: 'a LayersModel such as lpn(…) gives',
  codec: 'such as gaussianCodec(…) gives',
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
 * The crop of a person's box, or of the whole image, as the rule asks.
 *
 * @param box `[x, y, width, height]` in pixels of the image; not looked at where the rule takes the whole image.
 * @param imageSize `[width, height]`
 * @example const crop = cropOf(model.crop, [10, 20, 80, 200], [640, 480], model.codec.inputSize);
 */
export function cropOf(rule: CropRule, box: Box, imageSize: Size, inputSize: Size): Crop {
  return rule.region === 'image'
    ? imageToCrop(imageSize, inputSize, rule)
    : boxToCrop(box, inputSize, { padding: rule.padding });
}
