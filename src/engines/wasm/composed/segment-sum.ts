import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

/**
 * `UnsortedSegmentSum`, the gradient of `gather`: adds each row of `x` to the output row of its segment
 * id. Ids outside `[0, numSegments)` are dropped.
 */
export function unsortedSegmentSum(args: KernelArgs): TensorInfo {
  const { backend } = args;
  const x = input(args, 'x');
  const ids = input(args, 'segmentIds');
  const segments = args.attrs['numSegments'] as number;
  const inner = x.shape.slice(ids.shape.length);
  const width = util.sizeFromShape(inner);
  const out = backend.makeOutput([segments, ...inner], x.dtype);
  const sums = backend.typedArrayFromHeap(out);
  const values = backend.typedArrayFromHeap(x);
  const segmentOf = backend.typedArrayFromHeap(ids);
  sums.fill(0);
  for (let row = 0; row < segmentOf.length; row++) {
    const segment = segmentOf[row]!;
    if (segment < 0 || segment >= segments) continue;
    for (let i = 0; i < width; i++) sums[segment * width + i]! += values[row * width + i]!;
  }
  return out;
}
