import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { argmax, softArgmaxDecoder, type Decoder } from 'poseblocks/postprocess';
import { build, path } from '../../scripts/build-heatmap-simd';

test('the committed module is what its source builds', async () => {
  const committed = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
  expect(await build()).toBe(committed);
});

// Fewer than four channels take the portable way, more the SIMD module, in all its groupings of channels.
const special = fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e-38, 1e30, -1e30);
const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) }, special);
const [H, W] = [6, 7];
const cases: [string, Decoder, number][] = [
  ['argmax', argmax, 0],
  ['soft-argmax, β = 160', softArgmaxDecoder({ beta: 160 }), 2e-6],
  ['soft-argmax, β = 1', softArgmaxDecoder({ beta: 1 }), 2e-6],
  ['soft-argmax, β = 0', softArgmaxDecoder({ beta: 0 }), 2e-6],
];

test.each(cases)('%s with SIMD equals the portable form, whatever the maps hold', (_, decode, tolerance) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 45 }).chain((K) => fc.array(value, { minLength: H * W * K, maxLength: H * W * K })),
      (values) => {
        const heatmaps = Float32Array.from(values);
        const K = heatmaps.length / (H * W);
        const together = decode({ heatmaps, shape: [H, W, K] });
        for (let k = 0; k < K; k++) {
          const alone = decode({ heatmaps: heatmaps.filter((_, i) => i % K === k), shape: [H, W, 1] });
          for (const axis of [0, 1]) {
            expect(Math.abs(together.xy[2 * k + axis]! - alone.xy[axis]!)).toBeLessThanOrEqual(tolerance);
          }
          if (tolerance === 0) expect(together.score[k]).toBe(alone.score[0]);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('maps larger than the last are loaded into more memory', () => {
  for (const side of [8, 96, 16]) {
    const heatmaps = new Float32Array(side * side * 20);
    heatmaps[(3 * side + 5) * 20 + 19] = 1;
    const { xy, score } = argmax({ heatmaps, shape: [side, side, 20] });
    expect([xy[38], xy[39], score[19]]).toEqual([5, 3, 1]);
  }
});
