/** A selection of the items of a sequence whose length is not known. */
export interface EvenSample<T> {
  /** Offers the next item, which is made only if it is kept for now. */
  offer(make: () => Promise<T>): Promise<void>;
  /** At most `wanted` items, evenly spread over all that were offered. */
  chosen(): readonly T[];
}

/**
 * Keeps at most twice as many items as wanted: every n-th of the sequence, where n doubles whenever there are too many.
 *
 * @param wanted number of items; 0 keeps none.
 */
export function evenSample<T>(wanted: number): EvenSample<T> {
  let [kept, every, count]: [T[], number, number] = [[], 1, 0];
  return {
    async offer(make) {
      if (wanted === 0 || count++ % every !== 0) return;
      kept.push(await make());
      if (kept.length > 2 * wanted) [kept, every] = [kept.filter((_, i) => i % 2 === 0), 2 * every];
    },
    chosen() {
      const number = Math.min(wanted, kept.length);
      return Array.from({ length: number }, (_, i) => kept[Math.floor(((i + 0.5) * kept.length) / number)]!);
    },
  };
}
