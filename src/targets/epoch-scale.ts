import { knownOptions } from '../bytes';

/**
 * Paper 000's factor on the Gaussian, which decreases with the epoch: `F(e) = max(minimum, start / (e + 1))`, e from 0.
 *
 * The paper states only that it is "inversely dependent on the training epoch"; the formula and its 100 are inferred
 * (its Figure 3 shows peaks of 3 to 6 after 20 epochs; F(19) = 5). argmax decoding does not depend on the factor, soft-argmax does.
 *
 * @throws RangeError when start or minimum is not positive; the returned function throws it when the epoch is negative.
 * @example
 * const factor = epochScale(); // 100, 50, 33.3, … 5 at the twentieth epoch
 * const { target, weights } = codec.withFactor(factor(epoch)).encodeBatch(people);
 */
export function epochScale(
  options: { readonly start?: number; readonly minimum?: number } = {},
): (epoch: number) => number {
  const { start = 100, minimum = 1 } = knownOptions('epochScale', options, ['start', 'minimum']);
  if (!(start > 0 && minimum > 0)) {
    throw new RangeError(
      `epochScale: start and minimum must be positive. Received: start=${start}, minimum=${minimum}.`,
    );
  }
  return (epoch) => Math.max(minimum, start / (assertEpoch('epochScale', epoch) + 1));
}

/**
 * A sigma that changes from `from` to `to` in equal steps over `epochs` epochs and then stays: wide targets first.
 *
 * @throws RangeError when a sigma or `epochs` is not positive; the returned function throws it when the epoch is negative.
 * @example
 * const sigma = linearSigma({ from: 3, to: 1.5, epochs: 150 });
 * const target = codec.withSigma(sigma(epoch));
 */
export function linearSigma({
  from,
  to,
  epochs,
}: {
  readonly from: number;
  readonly to: number;
  readonly epochs: number;
}): (epoch: number) => number {
  if (!(from > 0 && to > 0 && epochs > 0)) {
    throw new RangeError(
      `linearSigma: from, to and epochs must be positive. Received: from=${from}, to=${to}, epochs=${epochs}.`,
    );
  }
  const last = Math.max(1, epochs - 1);
  return (epoch) => from + (to - from) * Math.min(1, assertEpoch('linearSigma', epoch) / last);
}

function assertEpoch(where: string, epoch: number): number {
  if (!(epoch >= 0)) throw new RangeError(`${where}: epoch must count from 0. Received: ${epoch}.`);
  return epoch;
}
