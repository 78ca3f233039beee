import { hasFields, requireThat } from '../bytes';
import { chain, type Block, type BlockFactory } from './block';

/**
 * `depth` copies of a block in sequence, named 0, 1, 2 …; the first has the stride.
 *
 * @param all options of the block, and `depth`, the number of blocks
 * @throws RangeError when `depth` is not a positive integer.
 * @example stage(lightweightBottleneck, { filters: 128, depth: 4, strides: 2 })
 */
export function stage<Options extends { strides?: number }>(
  block: BlockFactory<Options>,
  all: Options & { depth: number },
): Block {
  requireThat(typeof block === 'function', 'stage', 'block must be a function from options to a block, such as lightweightBottleneck', block); // prettier-ignore
  requireThat(hasFields(all), 'stage', "options must be { depth } and the block's", all);
  const { depth, ...options } = all;
  if (!Number.isInteger(depth) || depth < 1) {
    throw new RangeError(`stage: depth must be a positive integer. Received: ${depth}.`);
  }
  const first = options as unknown as Options;
  return chain(Array.from({ length: depth }, (_, i) => block(i === 0 ? first : { ...first, strides: 1 })));
}
