import * as tf from '@tensorflow/tfjs-core';
import { darkDecoder, darkOnDevice, type HeatmapArray } from 'poseblocks/postprocess';
import { describe, expect, it } from 'vitest';
import { describeEngines } from '../support/engines';
import { readJson } from '../support/fixtures';

type Row = [number, number, number, number, number, number, number, number];
/** Made by test/fixtures/decoding/generate.py, with OpenCV's blur. */
const { size, cases } = readJson<{ size: [number, number]; cases: Row[] }>('decoding/dark.json');
const [W, H] = size;

function heatmap([, cx, cy, sigma, amplitude, ripple]: Row): Float32Array {
  return Float32Array.from({ length: W * H }, (_, i) => {
    const [x, y] = [i % W, Math.floor(i / W)];
    const gaussian = Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma ** 2));
    return amplitude * (gaussian + ripple * Math.sin(0.9 * x + 1.7 * y) * Math.cos(0.3 * x * y));
  });
}

const kernels = [...new Set(cases.map(([kernelSize]) => kernelSize))];
const of = (kernelSize: number): Row[] => cases.filter((row) => row[0] === kernelSize);

/** All maps of a kernel as the channels of one. */
function together(rows: readonly Row[]): HeatmapArray {
  const K = rows.length;
  const heatmaps = new Float32Array(W * H * K);
  rows.forEach((row, k) => heatmap(row).forEach((value, cell) => (heatmaps[cell * K + k] = value)));
  return { heatmaps, shape: [H, W, K] };
}

describe.each(kernels)('DARK with a kernel of %i', (kernelSize) => {
  it('finds what the reference does, to float32', () => {
    const rows = of(kernelSize);
    const { xy } = darkDecoder({ kernelSize })(together(rows));
    rows.forEach(([, , , , , , x, y], k) => {
      expect(Math.abs(xy[2 * k]! - x), `${rows[k]}`).toBeLessThan(2e-6);
      expect(Math.abs(xy[2 * k + 1]! - y), `${rows[k]}`).toBeLessThan(2e-6);
    });
  });
});

describeEngines('DARK on the device', () => {
  it.each(kernels)('finds what the reference does, kernel %i', async (kernelSize) => {
    const rows = of(kernelSize);
    const { heatmaps, shape } = together(rows);
    const maps = tf.tensor4d(heatmaps, [1, ...shape]);
    const found = darkOnDevice(maps, { kernelSize });
    const data = await found.data();
    // Second differences of a float32 logarithm.
    rows.forEach(([, , , , , , x, y], k) => {
      expect(Math.abs(data[3 * k]! - x), `${rows[k]}`).toBeLessThan(2e-4);
      expect(Math.abs(data[3 * k + 1]! - y), `${rows[k]}`).toBeLessThan(2e-4);
    });
    tf.dispose([maps, found]);
  });
});
