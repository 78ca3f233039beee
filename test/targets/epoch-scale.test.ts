import { expect, test } from 'vitest';
import { epochScale, linearSigma } from 'poseblocks/targets';

test('epochScale is C / (e + 1), down to the minimum', () => {
  const factor = epochScale();
  expect([0, 1, 4, 9, 19, 200].map(factor)).toEqual([100, 50, 20, 10, 5, 1]);
  expect([0, 9].map(epochScale({ start: 6, minimum: 2 }))).toEqual([6, 2]);
  expect(() => factor(-1)).toThrow('epochScale: epoch must count from 0. Received: -1.');
  expect(() => epochScale({ start: 0 })).toThrow(RangeError);
});

test('linearSigma moves in equal steps and stays', () => {
  const sigma = linearSigma({ from: 3, to: 1.5, epochs: 4 });
  expect([0, 1, 2, 3, 99].map(sigma)).toEqual([3, 2.5, 2, 1.5, 1.5]);
  expect(() => linearSigma({ from: 3, to: 0, epochs: 4 })).toThrow(RangeError);
});
