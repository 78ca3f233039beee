import { isPointwise, type ProgramMap, type ProgramStep } from '../../../program';
import { productBytes, unfoldingBytes } from '../simd-module';
import { integerConvolutionScratch, integerScratch } from '../integers';
import { strassenScratch } from '../strassen';
import { tileChannels, winogradScratch } from '../winograd';
import { formOf, isInteger, isStrassen, type Packed } from './packed';

/** Scratch bytes of one thread for a step. */
export function scratchBytes(
  { shape, op }: ProgramStep,
  shapes: ReadonlyMap<string, ProgramMap['shape']>,
  packed: Packed,
): number {
  if (op.kind === 'attentionPool') {
    const [height, width] = shapes.get(op.x)!;
    return 4 * height * width + 16;
  }
  if (op.kind !== 'conv') return 0;
  const [filterHeight, filterWidth] = op.window.filter;
  const depth = filterHeight * filterWidth * shapes.get(op.x)![2];
  if (isInteger(packed, op.filter)) {
    const from = shapes.get(op.x)!;
    return isPointwise(op.window, from, shape)
      ? integerScratch(depth, shape[2])
      : integerConvolutionScratch(op.window, from, shape);
  }
  if (isStrassen(packed, op.filter)) {
    const isUnfolded = !isPointwise(op.window, shapes.get(op.x)!, shape);
    return strassenScratch(depth, shape[2]) + (isUnfolded ? unfoldingBytes(depth, shape[2], 1) : 0);
  }
  const form = formOf(packed, op.filter);
  if (form) return winogradScratch(tileChannels(shapes.get(op.x)![2], shape[2], form), form);
  // A row of the outputs beside the block: the sum of bias and row.
  return Math.max(productBytes(shape[2], 1), unfoldingBytes(depth, shape[2], 1));
}
