import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, it } from 'vitest';
import { packedForm } from '../../src/engines/wasm/simd/winograd-filters';
import { worstOfDeviation } from '../support/reference-kernels';
import { compiled, definition, floatsFrom, imageValues, weightsOf, type Form } from './one-convolution';

const floats = floatsFrom(8);

describe("Winograd's form of convolutions that are not 3 × 3", () => {
  it.each<Form>([
    { from: [64, 48], channels: 3, filters: 64, size: [7, 7], strides: 2, pad: 3 },
    { from: [59, 53], channels: 3, filters: 24, size: [7, 7], strides: 2, pad: 3 }, // neither tiles nor blocks are whole
    { from: [70, 41], channels: 5, filters: 16, size: [7, 8], strides: 2, pad: 1 }, // the last values of a pixel overlap
    { from: [65, 66], channels: 4, filters: 8, size: [7, 7], strides: 2, pad: 0 },
    { from: [60, 41], channels: 2, filters: 8, size: [8, 7], strides: 2, pad: 6 }, // windows outside the image
    { from: [16, 12], channels: 64, filters: 24, size: [2, 2], pad: 1 },
    { from: [13, 11], channels: 32, filters: 8, size: [2, 2] }, // tiles at the edges are not whole
  ])(
    'equals the definition for $from by $size of $channels to $filters channels, to 1e-5 of the deviation',
    async (form) => {
      const values = [floats(imageValues(form)), floats(weightsOf(form)), floats(form.filters)] as const;
      const wanted = definition(form, values);
      const found = await compiled(form, values, 1, true);
      const direct = await compiled(form, values, 1, false);
      expect(found.length).toBe(wanted.length);
      expect(direct.length).toBe(wanted.length);
      expect(worstOfDeviation(found, wanted)).toBeLessThan(1e-5);
      expect(worstOfDeviation(direct, wanted)).toBeLessThan(1e-5);
      expect(found).not.toEqual(direct); // the form was used
      expect(await compiled(form, values, 2, true)).toEqual(found);
    },
  );

  it('is for 7 × 7 with stride 2 and for 2 × 2, on maps of some size', () => {
    const window = { filter: [7, 7], stride: 2, dilation: 1, pad: [3, 3] } as const;
    expect(packedForm(window, [7, 7, 3, 64], [128, 96])).toBe('cells');
    expect(packedForm(window, [7, 7, 3, 64], [8, 8])).toBeUndefined();
    expect(packedForm(window, [7, 7, 1, 64], [128, 96])).toBeUndefined();
    expect(packedForm(window, [7, 7, 3, 17], [128, 96])).toBeUndefined();
    expect(packedForm(window, [5, 5, 3, 64], [128, 96])).toBeUndefined();
    expect(packedForm(window, [3, 7, 3, 64], [128, 96])).toBeUndefined();
    expect(packedForm(window, [7, 7, 17, 64], [128, 96])).toBeUndefined();
    expect(packedForm({ ...window, stride: 1 }, [7, 7, 3, 64], [128, 96])).toBeUndefined();
    expect(packedForm({ ...window, dilation: 2 }, [7, 7, 3, 64], [128, 96])).toBeUndefined();
    const phase = { filter: [2, 2], stride: 1, dilation: 1, pad: [0, 1] } as const;
    expect(packedForm(phase, [2, 2, 256, 256], [16, 12])).toBe('two');
    expect(packedForm(phase, [2, 2, 2048, 256], [8, 6])).toBeUndefined(); // the filters take longer to read
    expect(packedForm(phase, [2, 2, 255, 256], [16, 12])).toBeUndefined();
    expect(packedForm({ ...phase, stride: 2 }, [2, 2, 256, 256], [16, 12])).toBeUndefined();
  });
});
