import { checkPositive, type Schedule } from './schedule';

/** Options of {@link multiStep}. */
export interface MultiStepOptions {
  /** The rate before the first milestone. */
  readonly rate: number;
  /** Times at which the rate drops, ascending: from time t on, for t in milestones. */
  readonly milestones: readonly number[];
  /** The factor of each drop. @defaultValue 0.1 */
  readonly factor?: number;
}

/**
 * rate·factorⁿ, where n is the number of milestones ≤ the time: PyTorch's MultiStepLR.
 *
 * @throws RangeError when the rate or factor is not positive, or the milestones do not ascend.
 * @example
 * const schedule = multiStep({ rate: 1e-3, milestones: [90, 120] });
 * schedule(89); // 1e-3
 * schedule(90); // 1e-4
 */
export function multiStep({ rate, milestones, factor = 0.1 }: MultiStepOptions): Schedule {
  checkPositive('multiStep', { rate, factor });
  if (milestones.some((milestone, i) => !(milestone > (milestones[i - 1] ?? -Infinity)))) {
    throw new RangeError(`multiStep: milestones must ascend. Received: [${milestones.join(', ')}].`);
  }
  return (time) => rate * factor ** milestones.filter((milestone) => milestone <= time).length;
}

/**
 * rate·factor^⌊time/every⌋: StepLR of PyTorch.
 *
 * @throws RangeError when the rate, the period or the factor is not positive.
 * @example
 * everyStep({ rate: 2.5e-4, every: 50 })(50); // 2.5e-5
 */
export function everyStep(options: {
  readonly rate: number;
  readonly every: number;
  readonly factor?: number;
}): Schedule {
  const { rate, every, factor = 0.1 } = options;
  checkPositive('everyStep', { rate, every, factor });
  return (time) => rate * factor ** Math.floor(time / every);
}
