import * as tf from '@tensorflow/tfjs-core';
import type { LayerNode } from '../../graph';
import { isRelu, type Uses } from './uses';

/** Zeros around a map that is nowhere negative, and the max pooling of it, which the pooling's own padding equals. */
export interface PaddedPool {
  readonly map: string;
  readonly nodes: readonly [padding: LayerNode, pool: LayerNode];
  /** Undefined where the engine cannot pad as it pools. */
  run(x: tf.Tensor4D): tf.Tensor4D | undefined;
}

/**
 * The pooling after an even padding of the output of a ReLU. The padding of a pooling is −∞: where a window holds nothing above 0, the gradient goes to a 0 of the map in
 * place of one around it, and the ReLU stops it.
 */
export function paddedPoolAt(padding: LayerNode, uses: Uses): PaddedPool | undefined {
  const [map] = padding.inputs;
  const pool = uses.onlyReader(padding.name);
  if (!isRelu(uses.maker(map)) || pool?.kind !== 'MaxPooling2D') return undefined;
  const sides = [padding.layer.getConfig()['padding']].flat(2) as number[];
  const { poolSize, strides, padding: kind } = pool.layer.getConfig();
  const side = sides[0]!;
  if (kind !== 'valid' || sides.some((each) => each !== side)) return undefined;
  return {
    map: map!,
    nodes: [padding, pool],
    run: (x) =>
      tf.getBackend() === 'wasm'
        ? tf.maxPool(x, poolSize as [number, number], strides as [number, number], side, 'floor')
        : undefined,
  };
}
