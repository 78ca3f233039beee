import { checkPositive, type Schedule } from './schedule';

/**
 * The rate of `schedule`, scaled linearly from the fraction `from` at time 0 to 1 at
 * time `over`. The schedule is not shifted: from `over` on it equals the schedule without a warm-up.
 *
 * @param options.from initial fraction of the rate. @defaultValue 0.001
 * @throws RangeError when over is not positive.
 * @example
 * const schedule = warmUp(multiStep({ rate: 5e-4, milestones: [170, 200] }), { over: 5 });
 */
export function warmUp(schedule: Schedule, options: { readonly over: number; readonly from?: number }): Schedule {
  const { over, from = 0.001 } = options;
  checkPositive('warmUp', { over });
  return (time, history) => schedule(time, history) * (time < over ? from + (1 - from) * (time / over) : 1);
}
