import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, it } from 'vitest';
import { packStrassen, strassenShape, takesStrassen } from '../../src/engines/wasm/simd/strassen';
import { worstOfDeviation } from '../support/reference-kernels';
import { compiled, definition, floatsFrom, imageValues, weightsOf, type Form } from './one-convolution';

const floats = floatsFrom(5);

describe("Strassen's products", () => {
  it.each<Form>([
    { from: [16, 12], channels: 256, filters: 64 },
    { from: [9, 13], channels: 264, filters: 80 }, // the last pair of tiles is not whole
    { from: [11, 13], channels: 1024, filters: 96 },
  ])(
    'equal the definition on $from, $channels to $filters channels, to 1e-5 of the deviation, on any number of threads',
    async (form) => {
      const values = [floats(imageValues(form)), floats(weightsOf(form)), floats(form.filters)] as const;
      const wanted = definition(form, values);
      const found = await compiled(form, values, 1, true);
      const direct = await compiled(form, values, 1, '2x2');
      expect(worstOfDeviation(found, wanted)).toBeLessThan(1e-5);
      expect(worstOfDeviation(direct, wanted)).toBeLessThan(1e-5);
      expect(found).not.toEqual(direct); // the form was used
      expect(await compiled(form, values, 2, true)).toEqual(found);
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
