import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/**
 * Applies a layer that has one output to one tensor or a list. tfjs-layers types the result as one of four kinds.
 *
 * @example const y = apply(layers.add(), [a, b]); // symbolic tensors of one shape, [N, H, W, C]
 */
export function apply(
  layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown },
  x: SymbolicTensor | SymbolicTensor[],
): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor;
}
