import type { ProgramMap, ProgramStep } from '../../../program';
import { productBytes, unfoldingBytes } from '../simd-module';

/** Scratch that one thread needs for a step. */
export function scratchBytes({ shape, op }: ProgramStep, shapes: ReadonlyMap<string, ProgramMap['shape']>): number {
  if (op.kind === 'attentionPool') {
    const [height, width] = shapes.get(op.x)!;
    return 4 * height * width + 16;
  }
  if (op.kind !== 'conv') return 0;
  const [filterHeight, filterWidth] = op.window.filter;
  const depth = filterHeight * filterWidth * shapes.get(op.x)![2];
  // A row of the outputs beside the block: bias and row added up.
  return Math.max(productBytes(shape[2], 1), unfoldingBytes(depth, shape[2], 1));
}
