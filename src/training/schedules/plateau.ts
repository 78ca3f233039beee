import { checkPositive, type EpochRecord, type Schedule } from './schedule';

/** Options of {@link plateau}. */
export interface PlateauOptions {
  /** The first learning rate. */
  readonly rate: number;
  /** The value to monitor: `'loss'` or the name of a validation metric. @defaultValue `'loss'` */
  readonly metric?: string;
  /** Whether lower or higher is better. @defaultValue `'min'` for the loss, `'max'` for a metric */
  readonly mode?: 'min' | 'max';
  /** The factor of each drop. @defaultValue 0.1 */
  readonly factor?: number;
  /** Epochs without improvement before the rate drops; it drops after the next one. @defaultValue 10 */
  readonly patience?: number;
  /** The relative improvement that counts. @defaultValue 1e-4 */
  readonly threshold?: number;
  /** Minimum rate. @defaultValue 0 */
  readonly minRate?: number;
}

/** The monitored value of an epoch; undefined where it was not measured. */
export function metricOf(record: EpochRecord, metric: string): number | undefined {
  return metric === 'loss' ? record.loss : record.metrics[metric];
}

/**
 * Reduces the rate when a metric has stopped improving: PyTorch's ReduceLROnPlateau (relative threshold, no cooldown).
 * It has no hidden state: the rate is computed from the history, so a resumed run continues with the same rate.
 *
 * @throws RangeError when rate or factor is not positive.
 * @example
 * fit(network, { schedule: plateau({ rate: 1e-3, metric: 'AP', patience: 5 }), … });
 */
export function plateau(options: PlateauOptions): Schedule {
  const { rate, metric = 'loss', factor = 0.1, patience = 10, threshold = 1e-4, minRate = 0 } = options;
  const mode = options.mode ?? (metric === 'loss' ? 'min' : 'max');
  checkPositive('plateau', { rate, factor });
  const better = (value: number, best: number): boolean =>
    mode === 'min' ? value < best * (1 - threshold) : value > best * (1 + threshold);
  return (_time, history = []) => {
    let best = mode === 'min' ? Infinity : -Infinity;
    let current = rate;
    let waited = 0;
    for (const record of history) {
      const value = metricOf(record, metric);
      if (value === undefined) continue;
      if (better(value, best)) {
        best = value;
        waited = 0;
      } else if (++waited > patience) {
        current = Math.max(current * factor, minRate);
        waited = 0;
      }
    }
    return current;
  };
}
