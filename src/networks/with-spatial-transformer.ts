import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply, spatialTransformer, withoutInitialization } from '../blocks';
import { requireVariant } from './backbones/backbone';
import { RESNET, resnet, type ResnetVariant } from './backbones/resnet';
import { initialize } from './initialize';

/** Options of {@link withSpatialTransformer}. */
export interface SpatialTransformerWrapOptions {
  /** Localisation network, which predicts the transform from the crop. @defaultValue 'resnet-18' */
  localization?: ResnetVariant;
  /** Adds the transformed image as a last output, for a parallel network. @defaultValue false */
  transformed?: boolean;
  /** Seed of the localisation network's initial weights. @defaultValue 0 */
  seed?: number;
}

/** θ of the identity, row by row. */
const IDENTITY = [1, 0, 0, 0, 1, 0];

/** The localisation network: image → θ [N, 6], initially the identity. Its layer names start with `localization`. */
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
 * arXiv:1612.00137): a localisation network predicts an affine map from the image. The image is transformed by it (SSTN) and passes through `network`; the heatmaps are transformed by
 * the inverse map (SDTN). [N, H, W, C] → the outputs of `network` and, with `transformed`, the transformed image [N, H, W, C].
 *
 * Use it for training: the weights of `network` are shared, not copied, so `network` can be used alone afterwards. The paper trains a parallel network beside it,
 * a frozen copy on the transformed image whose target is the centred pose: set `transformed`, and add that loss (`centerPose` computes the target's
 * keypoints). The result has models as layers: it can be saved and loaded, but `compile` and `exportOnnx` take `network` alone.
 *
 * Follows the Torch code of AlphaPose (commit f591ab6), with torchvision's ResNet-18 as localisation network (11,179,590 weights); AlphaPose's has a shortcut
 * without normalisation.
 *
 * @throws RangeError when `network` does not have one image as input and maps as outputs, or the localisation network is unknown.
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
