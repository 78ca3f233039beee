import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzzChild, FUZZED, fuzzShare } from './fuzz/share';

const COUNT = 500;
/** After the 100,000 that `bench/files/fuzz.ts` reads. */
const FIRST = 100_000;

let program: Awaited<ReturnType<typeof fuzzChild>>;
beforeAll(async () => {
  program = await fuzzChild();
});
afterAll(() => program.remove());

describe('files changed in ways that know their format', { timeout: 300_000 }, () => {
  it.each(FUZZED)(`%s: ${COUNT} are read or refused clearly, within 2 s and 300 MB`, async (reader) => {
    const wrong: string[] = [];
    const totals = await fuzzShare(program.child, reader, FIRST, COUNT, (line) => wrong.push(line));
    expect(wrong).toEqual([]);
    expect(totals.wrong).toBe(0);
    expect(totals.read + totals.refused).toBe(COUNT);
    expect(totals.read).toBeGreaterThan(0);
    expect(totals.refused).toBeGreaterThan(0);
  });
});
