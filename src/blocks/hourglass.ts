import { knownOptions } from '../bytes';
import { channels, join, type Block } from './block';
import { maxPool, sum } from './layers';
import { upsample } from './upsample';

/** The four positions of blocks in one level of an hourglass. */
export type HourglassPart = 'skip' | 'down' | 'bottom' | 'up';

/** A block for each position and level; level 0 is the coarsest. */
export interface HourglassBlocks {
  readonly at: (part: HourglassPart, level: number) => Block;
}

/** Options of {@link hourglass}. */
export interface HourglassOptions {
  /** How many times the map is halved. @defaultValue 4 */
  depth?: number;
  /** The block at every position of every level, or a function of position and level; must keep the channels. */
  block: Block | HourglassBlocks;
  /** The layer path of a position and level; level 0 is the coarsest. @defaultValue {@link bearpawNames} */
  names?: (part: HourglassPart, level: number, depth: number) => string;
}

/** `hg.3.0`, as in the PyTorch port of Wei Yang ("bearpaw"): a list of levels, coarsest first, each a list. */
export const bearpawNames = (part: HourglassPart, level: number): string =>
  `hg.${level}.${{ skip: 0, down: 1, up: 2, bottom: 3 }[part]}`;

/** `low2.up1`, as in PyraNet: nested hourglasses. */
export const pyranetNames = (part: HourglassPart, level: number, depth: number): string =>
  `${'low2.'.repeat(depth - 1 - level)}${{ skip: 'up1', down: 'low1', up: 'low3', bottom: 'low2' }[part]}`;

/** `hg.hg.skip`, as in the PyTorch port of Naman Jain: nested hourglasses. */
export const namanNames = (part: HourglassPart, level: number, depth: number): string =>
  `${'hg.'.repeat(depth - 1 - level)}${{ skip: 'skip', down: 'afterpool', up: 'lowres', bottom: 'num1res' }[part]}`;

/**
 * An hourglass (Newell et al. 2016, section 3.1): downsampling to a few pixels and upsampling again, with a branch kept at each resolution.
 * [N, H, W, C] → [N, H, W, C].
 *
 * ```
 * x ── skip ──────────────────────────────── + ──▶
 *  └── pool ─ down ─ hourglass or bottom ─ up ─ ×2 ┘
 * ```
 *
 * @throws RangeError when depth is not a positive integer, height or width are not divisible by 2^depth, or the block changes the channels.
 * @example hourglass({ depth: 4, block: chain([preActivationBottleneck({ filters: 256 })]) })(x, 'hg.0')
 */
export function hourglass(options: HourglassOptions): Block {
  const { depth = 4, block, names = bearpawNames } = knownOptions('hourglass', options, ['depth', 'block', 'names']);
  if (!Number.isInteger(depth) || depth < 1) {
    throw new RangeError(`hourglass: depth must be a positive integer. Received: ${depth}.`);
  }
  return (input, name) => {
    const [, height, width] = input.shape;
    if ([height, width].some((size) => size != null && size % 2 ** depth !== 0)) {
      throw new RangeError(
        `${name}: height and width must be divisible by 2^depth = ${2 ** depth}. Received: [${input.shape.join(', ')}].`,
      );
    }
    const level = (x: typeof input, n: number): typeof input => {
      const at = (part: HourglassPart): string => join(name, names(part, n, depth));
      const apply = (part: HourglassPart, y: typeof input): typeof input => {
        const out = (typeof block === 'function' ? block : block.at(part, n))(y, at(part));
        if (channels(out) !== channels(y)) {
          throw new RangeError(
            `${at(part)}: the block of an hourglass must keep the channels. Received: ${channels(y)} → ${channels(out)}.`,
          );
        }
        return out;
      };
      const skip = apply('skip', x);
      const low = apply('down', maxPool({ poolSize: 2, strides: 2 })(x, join(at('down'), 'pool')));
      const inner = n > 0 ? level(low, n - 1) : apply('bottom', low);
      const up = upsample({ size: 2 })(apply('up', inner), join(at('up'), 'upsample'));
      return sum([skip, up], join(at('skip'), 'add'));
    };
    return level(input, depth - 1);
  };
}
