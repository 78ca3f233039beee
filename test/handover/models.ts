import { layers, model, type LayersModel } from '@tensorflow/tfjs-layers';
import type { HandoverModel } from 'poseblocks/handover';
import { COCO, type KeypointSet, type Size } from 'poseblocks/keypoints';
import { lpn, simpleBaseline, stackedHourglass, type LpnOptions } from 'poseblocks/networks';
import { quarterOffset } from 'poseblocks/postprocess';
import { gaussianCodec, simccCodec } from 'poseblocks/targets';

const quarter = ([width, height]: Size): Size => [width / 4, height / 4];

/** A network whose `he` initialisation is on purpose: from its own, LPN ignores the image for dozens of steps. */
function ofLpn(inputSize: Size, keypointSet: KeypointSet, options: LpnOptions): HandoverModel {
  const [width, height] = inputSize;
  const K = keypointSet.names.length;
  const network = lpn('lpn-50', {
    inputShape: [height, width, 3],
    keypoints: K,
    initialization: 'he',
    seed: 3,
    ...options,
  });
  return {
    network,
    codec: gaussianCodec({ inputSize, heatmapSize: quarter(inputSize), sigma: 1.5, refine: quarterOffset }),
    keypointSet,
  };
}

/** LPN-50, whole, at a small size. */
export const lpnModel = (inputSize: Size = [64, 64], keypointSet: KeypointSet = COCO): HandoverModel =>
  ofLpn(inputSize, keypointSet, {});

/** LPN with a block a stage: every kind of layer of it, compiled in seconds. */
export const shortLpnModel = (inputSize: Size = [64, 64], keypointSet: KeypointSet = COCO): HandoverModel =>
  ofLpn(inputSize, keypointSet, { depths: [1, 1, 1, 1] });

/** Two stacks, and so two outputs. */
export function hourglassModel(
  inputSize: Size = [64, 64],
  keypointSet: KeypointSet = COCO,
  { filters = 32, depth = 4 }: { readonly filters?: number; readonly depth?: number } = {},
): HandoverModel {
  const [width, height] = inputSize;
  const K = keypointSet.names.length;
  const network = stackedHourglass({
    inputShape: [height, width, 3],
    keypoints: K,
    stacks: 2,
    filters,
    depth,
    seed: 3,
  });
  return {
    network,
    codec: gaussianCodec({ inputSize, heatmapSize: quarter(inputSize), sigma: 1, center: 'exact', align: 'centers' }),
    keypointSet,
    normalization: 'mpii-mean',
  };
}

/** SimpleBaseline-18 whose maps are flattened and classified along each axis, as SimCC's authors do. */
export function simccModel(inputSize: Size = [64, 64], keypointSet: KeypointSet = COCO): HandoverModel {
  const [width, height] = inputSize;
  const K = keypointSet.names.length;
  const base: LayersModel = simpleBaseline('resnet-18', { inputShape: [height, width, 3], keypoints: K, initialization: 'he', seed: 3 }); // prettier-ignore
  const maps = layers.permute({ dims: [3, 1, 2], name: 'channels_first' }).apply(base.outputs[0]!);
  const flat = layers.reshape({ targetShape: [K, (width * height) / 16], name: 'flat' }).apply(maps);
  const outputs = (['x', 'y'] as const).map((axis, i) =>
    layers.dense({ units: 2 * inputSize[i]!, useBias: false, name: `mlp_head_${axis}` }).apply(flat),
  );
  const network = model({ inputs: base.inputs, outputs: outputs as typeof base.outputs });
  return { network, codec: simccCodec({ inputSize, split: 2, sigma: 6 }), keypointSet, normalization: 'imagenet-bgr' };
}
