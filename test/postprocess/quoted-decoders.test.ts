import { decoderFromJSON, houghDecode, houghVotes, offsetArgmax, secondMaximum } from 'poseblocks/postprocess';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { readBlockFixture, readJson } from '../support/fixtures';

const folder = 'quoted/blocks';

/** Several [K, H, W] as one [H, W, C]. */
function interleave(...planes: { data: Float32Array; shape: readonly number[] }[]): Float32Array {
  const [, height, width] = planes[0]!.shape as [number, number, number];
  const cells = height * width;
  const maps = planes.flatMap(({ data, shape }) =>
    Array.from({ length: shape[0]! }, (_, k) => data.subarray(k * cells, (k + 1) * cells)),
  );
  return Float32Array.from(
    { length: cells * maps.length },
    (_, i) => maps[i % maps.length]![Math.floor(i / maps.length)]!,
  );
}

describe('secondMaximum', () => {
  interface Case {
    center: [number, number];
    sigma: number;
    amplitude: number;
    decoded_x_y_score: [number, number, number];
  }
  const { cases } = readJson<{ cpn_decode: { cases: Case[] } }>('quoted/cases.json').cpn_decode;

  it.each(cases)('decodes $center as tf-cpn does', ({ center: [cx, cy], sigma, amplitude, decoded_x_y_score }) => {
    const [width, height] = [48, 64];
    const heatmaps = Float32Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [(i % width) - cx, Math.floor(i / width) - cy];
      return amplitude * Math.exp(-(x * x + y * y) / (2 * sigma * sigma));
    });
    const { xy, score } = secondMaximum()({ heatmaps, shape: [height, width, 1] });
    expectClose([xy[0]! * 4 + 2, xy[1]! * 4 + 2, score[0]!], decoded_x_y_score, 1e-6, 'x, y, score');
  });

  it('moves along the line to the second maximum, not by axis', () => {
    const heatmaps = new Float32Array(40 * 40);
    heatmaps[20 * 40 + 10] = 255;
    heatmaps[24 * 40 + 13] = 254;
    const { xy } = secondMaximum({ kernelSize: 1 })({ heatmaps, shape: [40, 40, 1] });
    expectClose(xy, [10 + 0.25 * 0.6, 20 + 0.25 * 0.8], 1e-6, 'x, y');
  });

  it('stays on the map, and decodes an empty one to its first cell', () => {
    const heatmaps = new Float32Array(8 * 8 * 3);
    heatmaps[0] = 255; // channel 0 in the corner, channel 1 empty, channel 2 not a number
    for (let i = 2; i < heatmaps.length; i += 3) heatmaps[i] = NaN;
    const { xy, score } = secondMaximum()({ heatmaps, shape: [8, 8, 3] });
    expect([...xy].every((v) => v >= 0 && v <= 7)).toBe(true);
    expect([...xy.subarray(2)]).toEqual([0, 0, 0, 0]);
    expect([...score]).toEqual([1.5, 0.5, 0.5]);
  });

  it('is restored from JSON, and refuses what it cannot use', () => {
    const decoder = secondMaximum({ kernelSize: 11, shift: 0.5 });
    expect(decoderFromJSON(decoder.toJSON!()).toJSON!()).toEqual(decoder.toJSON!());
    expect(() => secondMaximum({ kernelSize: 4 })).toThrow('kernelSize must be odd and positive. Received: 4.');
    expect(() => secondMaximum({ padding: -1 })).toThrow('padding must be an integer of 0 or more');
  });
});

describe('Hough voting', () => {
  const { tensors, meta } = readBlockFixture('grmi_hough_decode', folder);
  const { R, argmax, max } = meta as { R: number; argmax: [number, number][]; max: number[] };
  const heatmaps = interleave(tensors['heatmap_prob']!, tensors['offset_x']!, tensors['offset_y']!);
  const shape = [33, 25, 9] as const;

  it('gives the reference’s votes', () => {
    const votes = houghVotes({ heatmaps, shape }, { radius: R });
    expect(votes.shape).toEqual([33, 25, 3]);
    expectClose(votes.heatmaps, interleave(tensors['fused']!), 1e-5, 'votes');
  });

  it('takes the pixel with the most, in every order of channels', () => {
    const [p, x, y] = [tensors['heatmap_prob']!, tensors['offset_x']!, tensors['offset_y']!];
    const each = Array.from({ length: 3 }, (_, k) =>
      [p, x, y].map(({ data }) => ({ data: data.subarray(k * 825, (k + 1) * 825), shape: [1, 33, 25] })),
    ).flat();
    const orders = { planar: heatmaps, 'planar-yx': interleave(p, y, x), interleaved: interleave(...each) } as const;
    for (const [order, maps] of Object.entries(orders) as [keyof typeof orders, Float32Array][]) {
      const { xy, score } = houghDecode({ heatmaps: maps, shape }, { radius: R, order });
      expect([...xy]).toEqual(argmax.flat());
      expectClose(score, max, 1e-5, order);
    }
  });

  it('loses no vote inside the map, and drops those outside', () => {
    const maps = new Float32Array(4 * 5 * 3);
    const set = (x: number, y: number, values: number[]): void => maps.set(values, (y * 5 + x) * 3);
    set(2, 2, [1, 0.25, -0.5]); // to (2.25, 1.5): inside
    set(0, 0, [1, -0.75, 0]); // to (−0.75, 0): a quarter is inside
    set(4, 3, [1, 3, 0]); // outside
    set(1, 1, [NaN, 0, 0]);
    set(3, 3, [1, NaN, 0]);
    const { heatmaps: votes } = houghVotes({ heatmaps: maps, shape: [4, 5, 3] }, { radius: 1 / Math.sqrt(Math.PI) });
    expect(votes.reduce((a, b) => a + b, 0)).toBeCloseTo(1.25, 6);
    expect(votes[0]).toBeCloseTo(0.25, 6);
    expect(votes[1 * 5 + 2]).toBeCloseTo(0.75 * 0.5, 6);
  });

  it('refuses other memory and radii', () => {
    expect(() => houghVotes({ heatmaps: new Float32Array(8), shape: [2, 2, 2] }, { radius: 1 })).toThrow(
      'houghVotes: maps must hold height × width × 3K numbers. Received: 8 for [2, 2, 2].',
    );
    expect(() => houghDecode({ heatmaps, shape }, { radius: 0 })).toThrow('radius must be positive. Received: 0.');
  });
});

describe('offsetArgmax', () => {
  it('decodes as PoseNet does', () => {
    const { tensors, meta } = readBlockFixture('posenet_single_decode', folder);
    const { stride, keypoints_x_y_score: expected } = meta as { stride: number; keypoints_x_y_score: number[][] };
    const [heat, offsets] = [tensors['heatmap_logits_hwk']!.data, tensors['offsets_hw2k']!.data];
    const heatmaps = Float32Array.from({ length: 5 * 4 * 9 }, (_, i) => {
      const [cell, channel] = [Math.floor(i / 9), i % 9];
      return channel < 3 ? heat[cell * 3 + channel]! : offsets[cell * 6 + channel - 3]!;
    });
    const { xy, score } = offsetArgmax({ heatmaps, shape: [5, 4, 9] }, { stride, order: 'planar-yx' });
    const found = [...score].flatMap((s, k) => [xy[2 * k]!, xy[2 * k + 1]!, s]);
    expectClose(found, expected.flat(), 1e-6, 'x, y, score');
  });
});
