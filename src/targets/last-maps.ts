import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Prediction } from './codec';

/** @internal The maps of a network with one or several outputs: the last output. */
export function lastMaps(output: Tensor4D | readonly Tensor4D[] | Prediction): Tensor4D {
  return ([output] as (Tensor | readonly Tensor[])[]).flat().at(-1) as Tensor4D;
}
