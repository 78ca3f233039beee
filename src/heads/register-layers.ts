import { serialization } from '@tensorflow/tfjs-core';
import {
  BatchNormalization,
  FractionalMaxPooling2D,
  GroupedConv2D,
  NearestUpSampling2D,
  ResizeBilinear,
  SpatialTransformer,
  StochasticDepth,
} from '../blocks';
import { GroupedConv2DTranspose } from './grouped-conv2d-transpose';
import { IntegralCoordinates } from './integral-head';
import { RoiAlign } from './roi-align-layer';

/**
 * Registers the layer classes of this library with tfjs-layers, so that a saved network can be loaded. Networks built in this process need no registration;
 * repeated calls have no effect.
 *
 * @example registerLayers(); const network = await loadLayersModel('/lpn-50/model.json');
 */
export function registerLayers(): void {
  for (const layer of [
    BatchNormalization,
    FractionalMaxPooling2D,
    GroupedConv2D,
    GroupedConv2DTranspose,
    IntegralCoordinates,
    NearestUpSampling2D,
    ResizeBilinear,
    RoiAlign,
    SpatialTransformer,
    StochasticDepth,
  ])
    serialization.registerClass(layer);
}
