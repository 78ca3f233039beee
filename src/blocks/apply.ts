import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/** The one output of a layer applied to one tensor or a list; tfjs-layers types it as any of four things. */
export function apply(
  layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown },
  x: SymbolicTensor | SymbolicTensor[],
): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor;
}
