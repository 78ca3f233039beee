import { checkPositive, type Schedule } from './schedule';

/**
 * The rate of `schedule`, scaled up along a line from `from` (a fraction; default: 0.001) at time 0 to all of it at
 * time `over`. The schedule is not shifted: at `over` it is where it would have been without a warm-up.
 *
 * @throws RangeError when over is not positive.
 * @example
 * const schedule = warmUp(multiStep({ rate: 5e-4, milestones: [170, 200] }), { over: 5 });
 */
export function warmUp(schedule: Schedule, options: { readonly over: number; readonly from?: number }): Schedule {
  const { over, from = 0.001 } = options;
  checkPositive('warmUp', { over });
  return (time, history) => schedule(time, history) * (time < over ? from + (1 - from) * (time / over) : 1);
}
