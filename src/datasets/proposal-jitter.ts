import type { Box, Size } from '../keypoints';
import type { Random } from '../random';

/** Mean and deviation of how far a detector's box is off, in widths and heights of the true one. */
export type SideError = readonly [mean: number, deviation: number];

export interface ProposalJitterOptions {
  /** Of each side. @defaultValue {@link PROPOSAL_ERRORS} */
  readonly errors?: Readonly<Record<'left' | 'top' | 'right' | 'bottom', SideError>>;
  /** How often, in place of moving the sides, a part of the box is taken, of 0.85 to 1 of its width and height. @defaultValue 0.15 */
  readonly patch?: number;
}

/** What AlphaPose found of its detector on COCO. */
export const PROPOSAL_ERRORS = {
  left: [-0.0142, 0.1158],
  top: [0.0043, 0.068],
  right: [0.0154, 0.1337],
  bottom: [-0.0013, 0.0711],
} as const;

/**
 * A box as a detector might have given it: RMPE's pose-guided proposals generator (Fang et al. 2017, section 3.3; arXiv:1612.00137) as AlphaPose deploys it, with
 * one distribution for each side; the paper's mixtures for each atomic pose were not published. The box stays in the image and at least two pixels wide.
 *
 * Follows `generateSampleBox` of github.com/MVIG-SJTU/AlphaPose (branch pytorch), which widens the box before; give it the box that you mean to jitter.
 *
 * @param box `[x, y, width, height]` in pixels of the image
 * @param imageSize `[width, height]`; absent where it is not known, and the box may then leave the image.
 * @throws RangeError when the box has no extent.
 * @example proposalJitter(person.box, person.imageSize, seededRandom(seed, epoch, index))
 */
export function proposalJitter(
  [x, y, width, height]: Box,
  imageSize: Size | undefined,
  random: Random,
  { errors = PROPOSAL_ERRORS, patch = 0.15 }: ProposalJitterOptions = {},
): Box {
  if (!(width > 0 && height > 0)) {
    throw new RangeError(
      `proposalJitter: box must be [x, y, width, height] with an extent. Received: [${x}, ${y}, ${width}, ${height}].`,
    );
  }
  const scale = random.uniform(0.85, 1);
  if (random.chance(patch)) {
    const [w, h] = [scale * width, scale * height];
    return [x + random.next() * (width - w), y + random.next() * (height - h), w, h];
  }
  const off = (side: keyof typeof errors): number => errors[side][0] + errors[side][1] * random.normal();
  const [right, bottom] = imageSize ? [imageSize[0] - 3, imageSize[1] - 3] : [Infinity, Infinity];
  const [firstX, firstY] = imageSize ? [1, 1] : [-Infinity, -Infinity];
  const left = Math.max(firstX, Math.min(x + off('left') * width, right - 2));
  const top = Math.max(firstY, Math.min(y + off('top') * height, bottom - 2));
  const to = Math.min(Math.max(left + 2, x + width + off('right') * width), right);
  const down = Math.min(Math.max(top + 2, y + height + off('bottom') * height), bottom);
  return [left, top, to - left, down - top];
}
