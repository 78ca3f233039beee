import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, it } from 'vitest';
import { takesStrided } from '../../src/engines/wasm/simd/strided';
import { worstOfDeviation } from '../support/reference-kernels';
import { compiled, definition, floatsFrom, imageValues, weightsOf, type Form } from './one-convolution';

const floats = floatsFrom(8);

describe("Winograd's form of 7 × 7 convolutions with stride 2", () => {
  it.each<Form>([
    { from: [64, 48], channels: 3, filters: 64, size: [7, 7], strides: 2, pad: 3 },
    { from: [59, 53], channels: 3, filters: 24, size: [7, 7], strides: 2, pad: 3 }, // neither tiles nor blocks are whole
    { from: [70, 41], channels: 5, filters: 16, size: [7, 8], strides: 2, pad: 1 }, // the last values of a pixel overlap
    { from: [65, 66], channels: 4, filters: 8, size: [7, 7], strides: 2, pad: 0 },
    { from: [60, 41], channels: 2, filters: 8, size: [8, 7], strides: 2, pad: 6 }, // windows outside the image
  ])(
    'equals the definition for $from by $size of $channels to $filters channels, to 1e-5 of the deviation',
    async (form) => {
      const values = [floats(imageValues(form)), floats(weightsOf(form)), floats(form.filters)] as const;
      const wanted = definition(form, values);
      const found = await compiled(form, values, 1, true);
      const direct = await compiled(form, values, 1, '2x2');
      expect(found.length).toBe(wanted.length);
      expect(direct.length).toBe(wanted.length);
      expect(worstOfDeviation(found, wanted)).toBeLessThan(1e-5);
      expect(worstOfDeviation(direct, wanted)).toBeLessThan(1e-5);
      expect(found).not.toEqual(direct); // the form was used
      expect(await compiled(form, values, 2, true)).toEqual(found);
    },
  );

  it('is for filters of seven or eight taps each way on maps of some size', () => {
    const window = { filter: [7, 7], stride: 2, dilation: 1, pad: [3, 3] } as const;
    expect(takesStrided(window, [7, 7, 3, 64], [128, 96])).toBe(true);
    expect(takesStrided(window, [7, 7, 3, 64], [8, 8])).toBe(false);
    expect(takesStrided(window, [7, 7, 1, 64], [128, 96])).toBe(false);
    expect(takesStrided(window, [7, 7, 3, 17], [128, 96])).toBe(false);
    expect(takesStrided(window, [5, 5, 3, 64], [128, 96])).toBe(false);
    expect(takesStrided(window, [3, 7, 3, 64], [128, 96])).toBe(false);
    expect(takesStrided(window, [7, 7, 17, 64], [128, 96])).toBe(false);
    expect(takesStrided({ ...window, stride: 1 }, [7, 7, 3, 64], [128, 96])).toBe(false);
    expect(takesStrided({ ...window, dilation: 2 }, [7, 7, 3, 64], [128, 96])).toBe(false);
  });
});
