/** A seeded random source: the same keys give the same numbers on every machine, independent of other draws. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform in [from, to). */
  uniform(from: number, to: number): number;
  /** Uniform integer in [0, count). */
  integer(count: number): number;
  /** Normal with mean 0 and standard deviation 1 (Box–Muller; two draws each). */
  normal(): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** One round of murmur3's finaliser over a running hash; spreads consecutive seeds over all 32 bits. */
function mix(hash: number, key: number): number {
  let h = Math.imul(hash ^ key, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A generator for a tuple of integers, such as (seed, epoch, index): a sample's numbers do not depend on the order in
 * which workers process the samples. The generator is sfc32 (Doty-Humphrey, PractRand), seeded through murmur3's finaliser.
 *
 * @param keys integers; other keys give an independent sequence
 * @throws RangeError when a key is not an integer.
 * @example seededRandom(seed, epoch, index).uniform(-1, 1)
 */
export function seededRandom(...keys: readonly number[]): Random {
  const state = new Uint32Array([0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]);
  for (const key of keys) {
    if (!Number.isSafeInteger(key)) throw new RangeError(`seededRandom: keys must be integers. Received: ${key}.`);
    const high = Math.floor(key / 0x100000000);
    for (let i = 0; i < 3; i++) state[i] = mix(mix(state[i]!, key | 0), high + i);
  }
  let [a, b, c, counter] = state as unknown as [number, number, number, number];
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();

  const next = (): number => bits() / 0x100000000;
  const integer = (count: number): number => Math.floor(next() * count);
  return {
    next,
    integer,
    uniform: (from, to) => from + (to - from) * next(),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (probability) => next() < probability,
    pick: (items) => items[integer(items.length)]!,
  };
}

/**
 * The integers 0 … count − 1 in random order (Fisher–Yates).
 *
 * @example shuffledIndices(4, seededRandom(1)) // a permutation of 0 to 3
 */
export function shuffledIndices(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
