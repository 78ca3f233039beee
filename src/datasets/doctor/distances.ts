import type { KeypointSet } from '../../keypoints';
import type { Sides } from './left-right';

/** Minimum number of people with a distance for its distribution. */
const FEWEST = 50;
/** Minimum number of limbs from which a person's scale is derived. */
const FEWEST_LIMBS = 5;
/** Bins of a distribution, up to this many scales. */
const [BINS, TOP] = [200, 4];
/** Narrowest smoothing, in scales. */
const NARROWEST = 0.03;
/** People from whom the distributions are taken; more change nothing. */
const MOST = 20_000;

/** The logarithm of a distribution's density, bin by bin: of a distance that is one of its own samples, and of any other. */
interface Density {
  readonly own: Float32Array;
  readonly other: Float32Array;
}

/** How usual the distances between keypoints are in a set. */
export interface Distances {
  /** Size of a person that unusual poses and mistakes hardly change: the median of its limbs, relative to the set's. NaN with too few. */
  scaleOf(person: Sides): number;
  /** Logarithm of the density of a distance between two keypoints, for a person of this scale; 0 where nothing is known. */
  logDensity(a: number, b: number, distance: number, scale: number, isOwn: boolean): number;
}

/** The distribution of the distance of each two keypoints over a set, relative to the person's scale: smoothed histograms. */
export function distancesOf(persons: readonly Sides[], { names, edges }: KeypointSet): Distances {
  const some = persons.length <= MOST ? persons : persons.filter((_, i) => i % Math.ceil(persons.length / MOST) === 0);
  const usual = edges.map(([a, b]) => {
    const lengths = some.map((person) => lengthOf(person, a, b) / person.size).filter(Number.isFinite);
    return lengths.length < FEWEST ? NaN : median(lengths);
  });
  const scaleOf = (person: Sides): number => {
    const times = edges.map(([a, b], e) => lengthOf(person, a, b) / usual[e]!).filter(Number.isFinite);
    return times.length < FEWEST_LIMBS ? NaN : median(times);
  };
  const scales = some.map(scaleOf);
  const densities = names.map((_, a) =>
    Array.from({ length: a }, (_, b) => {
      const values = some.map((person, i) => lengthOf(person, a, b) / scales[i]!).filter(Number.isFinite);
      return values.length < FEWEST ? undefined : densityOf(values);
    }),
  );
  return {
    scaleOf,
    logDensity(a, b, distance, scale, isOwn) {
      const density = a > b ? densities[a]![b] : densities[b]![a];
      if (density === undefined || Number.isNaN(distance)) return 0;
      return (isOwn ? density.own : density.other)[binOf(distance / scale)]!;
    },
  };
}

/** NaN where an end is not labelled. */
export function lengthOf({ keypoints: { xy, score } }: Sides, a: number, b: number): number {
  if (!(score[a]! > 0 && score[b]! > 0)) return NaN;
  return Math.hypot(xy[2 * a]! - xy[2 * b]!, xy[2 * a + 1]! - xy[2 * b + 1]!);
}

const binOf = (value: number): number => Math.min(BINS - 1, Math.floor((value / TOP) * BINS));

/** Silverman's rule for the width; a constant added to every bin keeps what never occurred possible. */
function densityOf(values: readonly number[]): Density {
  const count = values.length;
  const sorted = [...values].sort((x, y) => x - y);
  const spread = (sorted[Math.floor(0.75 * count)]! - sorted[Math.floor(0.25 * count)]!) / 1.34;
  const width = (Math.max(NARROWEST, 0.9 * spread * count ** -0.2) / TOP) * BINS;
  const reach = Math.ceil(4 * width);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / width) ** 2));
  const total = kernel.reduce((sum, value) => sum + value, 0);
  const smooth = new Float64Array(BINS);
  for (const value of values) {
    const at = binOf(value);
    kernel.forEach((weight, i) => {
      const bin = at + i - reach;
      if (bin >= 0 && bin < BINS) smooth[bin]! += weight / total;
    });
  }
  const floor = 4 / BINS;
  const log = (mass: number): number => Math.log((Math.max(0, mass) + floor) / (count + floor * BINS));
  return {
    own: Float32Array.from(smooth, (mass) => log(mass - 1 / total)),
    other: Float32Array.from(smooth, log),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
