import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { argmax, softArgmaxDecoder, type Decoder, type HeatmapArray } from 'poseblocks/postprocess';
import { seededRandom } from 'poseblocks/random';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { build, modules } from '../../scripts/build-heatmap-simd';

test.each(modules)('the committed module is what $source builds', async (module) => {
  const committed = await readFile(new URL(`../../${module.path}`, import.meta.url), 'utf8');
  expect(await build(module)).toBe(committed);
});

interface Found {
  readonly x: number;
  readonly y: number;
  readonly peak: number;
}

/** The definition, channel by channel in float64; β = ∞ is argmax. */
function expected({ heatmaps, shape: [, width, K] }: HeatmapArray, k: number, beta: number): Found {
  const cells = heatmaps.filter((_, i) => i % K === k);
  const peak = cells.reduce((a, b) => (b > a ? b : a), -Infinity);
  if (peak === -Infinity) return { x: 0, y: 0, peak: 0 };
  const first = cells.indexOf(peak);
  if (beta === Infinity || peak === Infinity) return { x: first % width, y: Math.floor(first / width), peak };
  let [total, x, y] = [0, 0, 0];
  cells.forEach((value, cell) => {
    if (Number.isNaN(value) || value === -Infinity) return;
    const w = Math.exp(beta * (value - peak));
    total += w;
    x += w * (cell % width);
    y += w * Math.floor(cell / width);
  });
  return { x: x / total, y: y / total, peak };
}

const special = fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e-38, 1e30, -1e30);
const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) }, special);
/** Rows before, at and beyond the end of a block of eight, and rows that do and do not end on a vector. */
const maps = fc
  .tuple(fc.integer({ min: 1, max: 18 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 23 }))
  .chain((shape) => {
    const length = shape[0] * shape[1] * shape[2];
    return fc
      .array(value, { minLength: length, maxLength: length })
      .map((values): HeatmapArray => ({ heatmaps: Float32Array.from(values), shape }));
  });

const ways = [
  ['with SIMD', () => Promise.resolve({ argmax, softArgmaxDecoder })],
  [
    'on a host without SIMD',
    () => {
      vi.stubGlobal('WebAssembly', undefined);
      vi.resetModules();
      return import('poseblocks/postprocess');
    },
  ],
] as const;

describe.each(ways)('%s', (_, load) => {
  let decoders: [beta: number, Decoder][];
  beforeAll(async () => {
    const loaded = await load();
    const soft = [0, 1, 160, 1e38].map((beta): [number, Decoder] => [beta, loaded.softArgmaxDecoder({ beta })]);
    decoders = [[Infinity, loaded.argmax], ...soft];
    loaded.argmax({ heatmaps: Float32Array.of(1), shape: [1, 1, 1] }); // the module is compiled here, or cannot be
    vi.unstubAllGlobals();
  });
  afterAll(() => vi.resetModules());

  test('decoders do what they are defined to, whatever the maps hold', () => {
    fc.assert(
      fc.property(maps, (some) => {
        for (const [beta, decode] of decoders) {
          const { xy, score } = decode(some);
          for (let k = 0; k < some.shape[2]; k++) {
            const { x, y, peak } = expected(some, k, beta);
            const found = `β = ${beta}, channel ${k}: [${xy[2 * k]}, ${xy[2 * k + 1]}] ≠ [${x}, ${y}]`;
            const none = beta === Infinity && !(peak > 0); // the reference's rule
            expect(Math.abs(xy[2 * k]! - (none ? 0 : x)), found).toBeLessThanOrEqual(2e-6);
            expect(Math.abs(xy[2 * k + 1]! - (none ? 0 : y)), found).toBeLessThanOrEqual(2e-6);
            if (beta === Infinity) expect(score[k]).toBe(peak);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('β-soft-argmax is exact to 5·10⁻⁶ of a cell on maps of the papers’ size', () => {
    const random = seededRandom(3);
    const [H, W, K] = [64, 48, 17];
    const noise = Float32Array.from({ length: H * W * K }, () => random.uniform(0, 1));
    const poses = noise.map((v, i) => {
      const [cell, k] = [Math.floor(i / K), i % K];
      return 0.05 * v + Math.exp(-(((cell % W) - 2.8 * k) ** 2 + (Math.floor(cell / W) - 3.9 * k) ** 2) / 8);
    });
    for (const heatmaps of [noise, poses]) {
      const some: HeatmapArray = { heatmaps, shape: [H, W, K] };
      for (const [beta, decode] of decoders.filter(([beta]) => beta !== Infinity)) {
        const { xy } = decode(some);
        for (let k = 0; k < K; k++) {
          const { x, y } = expected(some, k, beta);
          expect(Math.abs(xy[2 * k]! - x)).toBeLessThan(5e-6);
          expect(Math.abs(xy[2 * k + 1]! - y)).toBeLessThan(5e-6);
        }
      }
    }
  });
});

test('maps larger than the last are loaded into more memory', () => {
  for (const side of [8, 96, 16]) {
    const heatmaps = new Float32Array(side * side * 20);
    heatmaps[(3 * side + 5) * 20 + 19] = 1;
    const { xy, score } = argmax({ heatmaps, shape: [side, side, 20] });
    expect([xy[38], xy[39], score[19]]).toEqual([5, 3, 1]);
  }
});
