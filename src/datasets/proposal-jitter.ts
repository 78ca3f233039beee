import type { Box, Size } from '../keypoints';
import type { Random } from '../random';

/** Mean and standard deviation of the error of a detected side, in widths and heights of the true box. */
export type SideError = readonly [mean: number, deviation: number];

/** Options of {@link proposalJitter}. */
export interface ProposalJitterOptions {
  /** Error of each side. @defaultValue {@link PROPOSAL_ERRORS} */
  readonly errors?: Readonly<Record<'left' | 'top' | 'right' | 'bottom', SideError>>;
  /** Probability of taking a part of the box, with 0.85 to 1 of its width and height, in place of moving the sides. @defaultValue 0.15 */
  readonly patch?: number;
}

/** The errors that AlphaPose measured for its detector on COCO. */
export const PROPOSAL_ERRORS = {
  left: [-0.0142, 0.1158],
  top: [0.0043, 0.068],
  right: [0.0154, 0.1337],
  bottom: [-0.0013, 0.0711],
} as const;

/**
 * Perturbs a box as a detector might: RMPE's pose-guided proposals generator (Fang et al. 2017, section 3.3; arXiv:1612.00137) as AlphaPose deploys it, with
 * one distribution per side; the paper's mixtures per atomic pose were not published. The box stays in the image and is at least two pixels wide.
 *
 * Follows `generateSampleBox` of github.com/MVIG-SJTU/AlphaPose (branch pytorch), which widens the box first; here the given box is perturbed.
 *
 * @param box `[x, y, width, height]` in pixels of the image
 * @param imageSize `[width, height]`; without it, the box may leave the image.
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
      `proposalJitter: box must be [x, y, width, height] with positive width and height. Received: [${x}, ${y}, ${width}, ${height}].`,
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
