import { checkPositive, type Schedule } from './schedule';

/**
 * A constant rate.
 *
 * @throws RangeError when the rate is not positive.
 * @example
 * constant(1e-3)(7); // 1e-3
 */
export function constant(rate: number): Schedule {
  checkPositive('constant', { rate });
  return () => rate;
}

/**
 * Schedules in sequence, each counted from 0 at its start; the last one continues without end.
 *
 * @param parts `[schedule, length]` in the caller's unit of time
 * @throws RangeError when there is no part or a length is not positive.
 * @example
 * compose([[constant(1e-4), 5], [cosine({ rate: 1e-3, over: 95 }), 95]]);
 */
export function compose(parts: readonly (readonly [schedule: Schedule, length: number])[]): Schedule {
  if (parts.length === 0) throw new RangeError('compose: there must be at least one part. Received: [].');
  for (const [, length] of parts) {
    if (!(length > 0)) throw new RangeError(`compose: lengths must be greater than 0. Received: ${length}.`);
  }
  return (time, history) => {
    let start = 0;
    for (const [schedule, length] of parts.slice(0, -1)) {
      if (time < start + length) return schedule(time - start, history);
      start += length;
    }
    return parts.at(-1)![0](time - start, history);
  };
}

/**
 * A schedule times a factor, for example for a larger batch or another group of weights.
 *
 * @throws RangeError when the factor is not positive.
 * @example
 * scaled(multiStep({ rate: 1e-3, milestones: [15, 17] }), 0.5);
 */
export function scaled(schedule: Schedule, factor: number): Schedule {
  checkPositive('scaled', { factor });
  return (time, history) => factor * schedule(time, history);
}

/**
 * A schedule repeated with period `length` (SGDR's warm restarts with {@link cosine}).
 *
 * @throws RangeError when the length is not positive.
 * @example
 * repeated(cosine({ rate: 1e-3, over: 10 }), 10);
 */
export function repeated(schedule: Schedule, length: number): Schedule {
  checkPositive('repeated', { length });
  return (time, history) => schedule(time % length, history);
}
