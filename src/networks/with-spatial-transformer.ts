import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply, spatialTransformer, withoutInitialization } from '../blocks';
import { requireVariant } from './backbones/backbone';
import { RESNET, resnet, type ResnetVariant } from './backbones/resnet';
import { initialize } from './initialize';

export interface SpatialTransformerWrapOptions {
  /** What looks at the crop and says where the person is. @defaultValue 'resnet-18' */
  localization?: ResnetVariant;
  /** Gives the transformed image as a last output, for a parallel network on it. @defaultValue false */
  transformed?: boolean;
  /** Of the localisation network's initial weights. @defaultValue 0 */
  seed?: number;
}

/** θ of the map that changes nothing, row by row. */
const IDENTITY = [1, 0, 0, 0, 1, 0];

/** The localisation network: image → θ [N, 6], the identity at first. Layers are named below `localization`. */
function localizer(variant: ResnetVariant, shape: readonly number[], seed: number): LayersModel {
  requireVariant('withSpatialTransformer', variant, RESNET, 'localization');
  const network = withoutInitialization(() => {
    const image = input({ shape: [...shape], name: 'localization.image' });
    const features = resnet(variant).features(image, 'localization').at(-1)!.x;
    const pooled = apply(layers.globalAveragePooling2d({ name: 'localization.avgpool' }), features);
    const dense = layers.dense({ units: 6, name: 'localization.fc' });
    return model({ inputs: image, outputs: apply(dense, pooled), name: 'localization' });
  });
  initialize(network, 'he', { seed });
  const last = network.getLayer('localization.fc');
  const [kernel] = last.getWeights();
  tf.tidy(() => last.setWeights([tf.zerosLike(kernel!), tf.tensor1d(IDENTITY)]));
  return network;
}

/**
 * RMPE's symmetric spatial transformer around a heatmap network (Fang, Xie, Tai and Lu, "RMPE: Regional Multi-Person Pose Estimation", 2017, section 3.1;
 * arXiv:1612.00137): the image goes through an affine map that a localisation network reads from it (SSTN), then through `network`, and the heatmaps through
 * the inverse map (SDTN). [N, H, W, C] → the outputs of `network`, and, if asked, the transformed image [N, H, W, C].
 *
 * It is a training aid: the weights of `network` are shared, not copied, so that it can be used alone after. The paper trains a parallel network beside it,
 * a frozen copy on the transformed image whose target is the pose in the middle: ask for `transformed`, and add that loss (`centerPose` draws the target's
 * keypoints). The result has models as layers: it saves and loads, but `compile` and `exportOnnx` take `network` alone.
 *
 * Follows the Torch code of AlphaPose (commit f591ab6), with torchvision's ResNet-18 as localisation network (11,179,590 weights) where that has a shortcut
 * without normalisation.
 *
 * @throws RangeError when `network` has not one image as input and maps as outputs, or the localisation network is unknown.
 * @example const trained = withSpatialTransformer(pyranet({ stacks: 4 }), { transformed: true });
 */
export function withSpatialTransformer(network: LayersModel, options: SpatialTransformerWrapOptions = {}): LayersModel {
  const {
    localization = 'resnet-18',
    transformed = false,
    seed = 0,
  } = knownOptions('withSpatialTransformer', options, ['localization', 'transformed', 'seed']);
  const [shape] = network.inputs.map((each) => each.shape.slice(1) as number[]);
  if (network.inputs.length !== 1 || shape!.length !== 3 || network.outputs.some((each) => each.shape.length !== 4)) {
    throw new RangeError(
      `withSpatialTransformer: network must have one image as input and maps as outputs. Received: ${network.inputs.length} inputs, outputs ${network.outputs.map((each) => `[${each.shape.join(', ')}]`).join(', ')}.`,
    );
  }
  const image = input({ shape: shape!, name: 'crop' });
  const theta = localizer(localization, shape!, seed).apply(image) as SymbolicTensor;
  const upright = spatialTransformer()([image, theta], 'sstn');
  const maps = [network.apply(upright)].flat() as SymbolicTensor[];
  const back = maps.map((map, i) => spatialTransformer({ inverse: true })([map, theta], `sdtn.${i}`));
  return model({
    inputs: image,
    outputs: transformed ? [...back, upright] : back,
    name: `${network.name}-spatial-transformer`,
  });
}
