import { hashText, normal, resumableRandom, seededRandom, shuffledIndices } from 'poseblocks/random';
import { describe, expect, it } from 'vitest';

const three = (next: () => number): number[] => [next(), next(), next()];
const bits = (next: () => number): number[] => three(next).map((value) => value * 2 ** 32);

// Samples, splits and starting weights hang on these numbers: another sequence is another run.
describe('seededRandom', () => {
  it('gives its keys the numbers that it always gave them', () => {
    const random = seededRandom(7, 2, 5);
    expect(bits(random.next)).toEqual([1454874222, 1125693626, 599259091]);
    expect(random.normal()).toBeCloseTo(-0.2385087413770189, 14);
    expect(random.integer(1000)).toBe(170);
  });

  it('gives other keys other numbers', () => {
    const firsts = [[1], [2], [1, 0], [0, 1], [-1], [2 ** 40]].map((keys) => seededRandom(...keys).next());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('refuses keys that are no integers', () => {
    expect(() => seededRandom(1, 0.5)).toThrow('seededRandom: keys must be integers. Received: 0.5.');
  });

  it('shuffles into a permutation', () => {
    const order = shuffledIndices(100, seededRandom(3));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('resumableRandom', () => {
  it('gives a seed the numbers that it always gave it', () => {
    const random = resumableRandom(1);
    expect(bits(random.next)).toEqual([2693262067, 11749833, 2265367787]);
    expect(random.state()).toBe(1199730144);
  });

  it('goes on from a kept state', () => {
    const random = resumableRandom(5);
    three(random.next);
    const state: unknown = JSON.parse(JSON.stringify(random.state()));
    const expected = three(random.next);
    const again = resumableRandom(0);
    again.restore(state);
    expect(three(again.next)).toEqual(expected);
    expect(() => again.restore('1')).toThrow('resumableRandom: the state must be a number. Received: string.');
  });
});

describe('normal and hashText', () => {
  it('start weights as they always did', () => {
    const expected = [0.02191729852272542, 0.38413386922984266, 0.7624596969671427];
    three(normal(resumableRandom(1).next)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14));
    expect(hashText('conv1/kernel')).toBe(2116619278);
  });
});
