/**
 * Normal numbers with mean 0 and standard deviation 1 from uniform numbers in [0, 1), by Marsaglia's polar method.
 *
 * @param next gives uniform numbers in [0, 1)
 * @example
 * const next = normal(Math.random);
 * next(); // as often below 0 as above
 */
export function normal(next: () => number): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const u = 2 * next() - 1;
      const v = 2 * next() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * scale;
        return u * scale;
      }
    }
  };
}
