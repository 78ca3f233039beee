import { metricOf } from '../schedules/plateau';
import type { EpochRecord } from '../schedules/schedule';

/**
 * Whether a metric has not improved for `patience` epochs: a pure function of the history, so a resumed run stops at the same
 * epoch.
 *
 * @param options.metric `'loss'` or the name of a validation metric. @defaultValue `'loss'`
 * @param options.mode whether lower or higher is better. @defaultValue `'min'` for the loss, `'max'` for a metric
 * @param options.patience epochs without improvement before stopping. @defaultValue 10
 * @param options.minDelta the smallest change that counts as an improvement. @defaultValue 0
 * @example
 * fit(network, { stopWhen: earlyStop({ metric: 'AP', patience: 20 }), … });
 */
export function earlyStop(
  options: {
    readonly metric?: string;
    readonly mode?: 'min' | 'max';
    readonly patience?: number;
    readonly minDelta?: number;
  } = {},
): (history: readonly EpochRecord[]) => boolean {
  const { metric = 'loss', patience = 10, minDelta = 0 } = options;
  const sign = (options.mode ?? (metric === 'loss' ? 'min' : 'max')) === 'min' ? -1 : 1;
  return (history) => {
    let best = -Infinity;
    let waited = 0;
    for (const record of history) {
      const value = metricOf(record, metric);
      if (value === undefined) continue;
      if (sign * value > best + minDelta) {
        best = sign * value;
        waited = 0;
      } else waited++;
    }
    return waited >= patience;
  };
}
