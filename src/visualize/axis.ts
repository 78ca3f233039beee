/** Maps values to `[0, 1]` along an axis, with round values as labels. */
export interface Axis {
  readonly log: boolean;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** Position of a value as a fraction of the axis, or `undefined` where the axis cannot show it. */
  position(value: number): number | undefined;
  format(tick: number): string;
}

export interface AxisOptions {
  readonly scale?: 'linear' | 'log' | undefined;
  /** Fixed ends. @defaultValue round values around the data */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** Approximate number of ticks. @defaultValue 6 */
  readonly count?: number;
  /** Whether the ends are rounded outwards to ticks (a value axis) or are exactly those of the data (epochs). */
  readonly rounded?: boolean;
}

/**
 * An axis for the finite values (on a log axis, the positive ones).
 *
 * @throws RangeError when a range is empty, or not positive on a log axis.
 */
export function axis(where: string, values: Iterable<number>, options: AxisOptions = {}): Axis {
  const { scale = 'linear', range, count = 6, rounded = true } = options;
  const log = scale === 'log';
  let [low, high] = range ?? extremes(values, log);
  if (!(low < high && Number.isFinite(high - low) && (!log || low > 0))) {
    const needed = log ? 'two positive numbers, low < high' : 'two numbers, low < high';
    throw new RangeError(`${where}: range must be ${needed}. Received: [${low}, ${high}].`);
  }
  const candidates = log ? logTicks(low, high, count) : linearTicks(low, high, count);
  if (rounded && range === undefined) [low, high] = [candidates[0]!, candidates.at(-1)!];
  const [from, span] = log ? [Math.log10(low), Math.log10(high) - Math.log10(low)] : [low, high - low];
  const slack = 1e-9;
  const position = (value: number): number | undefined => {
    if (!showable(value, log)) return undefined;
    return ((log ? Math.log10(value) : value) - from) / span;
  };
  const isInside = (tick: number): boolean => {
    const at = position(tick);
    return at !== undefined && at >= -slack && at <= 1 + slack;
  };
  const isNarrow = log && candidates.filter(isInside).length < 2; // between two of 1, 2, 5, 10: even steps tell more
  const steps = isNarrow ? linearTicks(low, high, count) : candidates;
  const ticks = steps.filter(isInside);
  const step = log && !isNarrow ? 0 : (steps[1] ?? high) - steps[0]!;
  return {
    log,
    low,
    high,
    ticks,
    position,
    format: (tick) => (step === 0 ? logLabel(tick) : linearLabel(tick, step, Math.max(-low, high))),
  };
}

/** Beyond 1e±300 the arithmetic of ticks would overflow; no plot needs it. */
function showable(value: number, log: boolean): boolean {
  return log ? value >= 1e-300 && value <= 1e300 : Math.abs(value) <= 1e300;
}

function extremes(values: Iterable<number>, log: boolean): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!showable(value, log)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return log ? [0.1, 1] : [0, 1];
  // Values closer than the tolerance of the ticks count as one value.
  const apart = log ? 1e-8 * low : 1e-12 * Math.max(-low, high) + 1e-300;
  if (high - low > apart) return [low, high];
  if (log) return [low / 2, high * 2];
  return Math.max(-low, high) <= 1e-300 ? [0, 1] : [Math.min(low, 0), Math.max(high, 0)]; // one value: from zero
}

/** Multiples of 1, 2 or 5 times a power of ten, from at most `low` to at least `high`. */
function linearTicks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((f) => f * power >= raw * (1 - 1e-9)) ?? 10;
  const step = factor * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(15)));
}

/** Powers of ten; with 2 and 5 between them for a short range, and every n-th power for a long range. */
function logTicks(low: number, high: number, count: number): number[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const decades = last - first;
  if (decades > 2) {
    const every = Math.ceil(decades / count);
    const steps = Math.ceil(decades / every);
    return Array.from({ length: steps + 1 }, (_, i) => Number(`1e${first + i * every}`));
  }
  const all = Array.from({ length: decades + 1 }, (_, i) => [1, 2, 5].map((f) => Number(`${f}e${first + i}`))).flat();
  const start = all.findLastIndex((tick) => tick <= low * (1 + 1e-9));
  const end = all.findIndex((tick) => tick >= high * (1 - 1e-9));
  return all.slice(Math.max(0, start), end + 1);
}

function linearLabel(tick: number, step: number, largest: number): string {
  if (largest >= 1e6 || step < 1e-4) {
    const digits = Math.min(15, 1 + Math.max(0, Math.ceil(Math.log10(largest / step))));
    return tick === 0 ? '0' : Number(tick.toPrecision(digits)).toExponential().replace('e+', 'e');
  }
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return tick.toFixed(decimals);
}

function logLabel(tick: number): string {
  return tick >= 1e-3 && tick < 1e5 ? `${tick}` : tick.toExponential().replace('e+', 'e');
}
