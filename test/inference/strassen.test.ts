import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { registerWasmGradients } from 'poseblocks/engines/wasm';
import { describe, expect, it } from 'vitest';
import type { WinogradChoice } from '../../src/engines/wasm/simd/winograd';
import { packStrassen, strassenShape, takesStrassen } from '../../src/engines/wasm/simd/strassen';
import type { Graph } from '../../src/graph';
import { compileGraph } from '../../src/inference/compile';
import { threadsStarted } from '../support/threads';
import { floatsFrom, oneConvolution } from './one-convolution';

const floats = floatsFrom(5);

interface Size {
  readonly map: readonly [height: number, width: number];
  readonly k: number;
  readonly columns: number;
}

async function product(
  graph: Graph,
  x: Float32Array,
  threads: number,
  winograd: WinogradChoice,
): Promise<Float32Array> {
  await useEngine('wasm', { threads, winograd });
  registerWasmGradients({ simd: 'plain' });
  await threadsStarted(threads);
  const run = compileGraph(graph);
  const images = tf.tensor4d(x, [2, ...graph.inputs[0]!.shape] as [number, number, number, number]);
  const y = run(images) as tf.Tensor;
  const values = (await y.data()) as Float32Array;
  tf.dispose([images, y]);
  run.dispose();
  disposeEngine();
  return values;
}

function definition(
  { map, k, columns }: Size,
  x: Float32Array,
  filter: Float32Array,
  bias: Float32Array,
): Float64Array {
  const pixels = 2 * map[0] * map[1];
  const y = new Float64Array(pixels * columns);
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = bias[j]!;
      for (let q = 0; q < k; q++) sum += x[i * k + q]! * filter[q * columns + j]!;
      y[i * columns + j] = Math.max(0, sum);
    }
  }
  return y;
}

describe("Strassen's products", () => {
  it.each<Size>([
    { map: [16, 12], k: 256, columns: 64 },
    { map: [9, 13], k: 264, columns: 80 }, // the last pair of tiles is not whole
    { map: [11, 13], k: 1024, columns: 96 },
  ])(
    'equal the definition on $map, $k to $columns channels, to 1e-5 of the deviation, on any number of threads',
    async (size) => {
      const { map, k, columns } = size;
      const [x, filter, bias] = [floats(2 * map[0] * map[1] * k), floats(k * columns), floats(columns)];
      const graph = oneConvolution({ from: map, channels: k, filters: columns }, filter, bias);
      const wanted = definition(size, x, filter, bias);
      const deviation = Math.sqrt(wanted.reduce((sum, value) => sum + value ** 2, 0) / wanted.length);
      const worst = (found: Float32Array): number =>
        found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0) / deviation;
      const found = await product(graph, x, 1, true);
      const direct = await product(graph, x, 1, '2x2');
      expect(worst(found)).toBeLessThan(1e-5);
      expect(worst(direct)).toBeLessThan(1e-5);
      expect(found).not.toEqual(direct); // the form was used
      expect(await product(graph, x, 2, true)).toEqual(found);
    },
  );

  it('packs seven sums for each eight columns, exactly where the values are whole', () => {
    const [k, columns] = [8, 16];
    const filter = Float32Array.from({ length: k * columns }, (_, i) => i % 7);
    const packed = new Float32Array(strassenShape(k, columns).reduce((product, side) => product * side));
    packStrassen(filter, k, columns, packed);
    const at = (panel: number, q: number, lane: number): number => packed[panel * 32 + q * 8 + lane]!;
    for (let q = 0; q < 4; q++) {
      for (let lane = 0; lane < 8; lane++) {
        const [b11, b21, t2, t1, b22, t3, t4] = [0, 1, 2, 3, 4, 5, 6].map((panel) => at(panel, q, lane));
        const b12 = filter[q * columns + lane + 8]!;
        expect([b11, b21]).toEqual([filter[q * columns + lane], filter[(q + 4) * columns + lane]]);
        expect([t1! + b11!, b22! - t3!]).toEqual([b12, b12]);
        expect([t2! + t1!, t2! + t4!]).toEqual([b22, b21]);
      }
    }
  });

  it('are for deep products of many columns', () => {
    expect(takesStrassen(192, 256, 256)).toBe(true);
    expect(takesStrassen(192, 128, 256)).toBe(false);
    expect(takesStrassen(192, 2312, 256)).toBe(false);
    expect(takesStrassen(192, 256, 17)).toBe(false);
    expect(takesStrassen(48, 256, 256)).toBe(false);
  });
});
