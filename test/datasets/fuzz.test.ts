import { expect, test } from 'vitest';
import { fuzz, READERS } from './fuzz-readers';

// A hundred thousand each: bench/datasets/fuzz.ts, with its results beside the other benchmarks.
test.each(Object.keys(READERS))('%s reads or rejects mutated files, and nothing else', async (name) => {
  const { read, rejected } = await fuzz(name, 300, 1);
  expect(read + rejected).toBe(300);
  expect(read).toBeGreaterThan(0);
  expect(rejected).toBeGreaterThan(0);
});
