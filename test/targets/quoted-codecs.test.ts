import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { keypointsOf } from 'poseblocks/keypoints';
import { codecFromJSON, coordinateCodec, cpnCodec, diskOffsetCodec } from 'poseblocks/targets';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { readBlockFixture, readJson } from '../support/fixtures';
import type { Codec } from 'poseblocks/targets';
import { expectPrecision, shifted, violations } from './precision';

beforeAll(() => useEngine('wasm'));

/** Each with half of its own cell, in input pixels; coordinates, which have none, with half a pixel. */
const halfCells = { 'CPN’s': 2 } as Readonly<Record<string, number>>;
const codecs = {
  'CPN’s': cpnCodec({ inputSize: [192, 256], heatmapSize: [48, 64] }),
  'disks and offsets': diskOffsetCodec({ inputSize: [97, 129], radius: 9 }),
  'disks and offsets, interleaved': diskOffsetCodec({ inputSize: [33, 41], radius: 3, order: 'interleaved' }),
  coordinates: coordinateCodec({ inputSize: [192, 256] }),
} as const;

describe.each(Object.entries(codecs))('%s', (name, codec) => {
  it('decode what they encoded, within the precision they state', () => {
    expectPrecision(codec as (typeof codecs)['coordinates']);
  });
  it('fail it when the decode is half a cell off', () => {
    expect(violations(shifted(codec as Codec<unknown>, halfCells[name] ?? 0.5))).toBeGreaterThan(0);
  });
  it('are restored from JSON', () => {
    expect(codecFromJSON(JSON.parse(JSON.stringify(codec)) as ReturnType<typeof codec.toJSON>).toJSON()).toEqual(
      codec.toJSON(),
    );
  });
});

describe('cpnCodec', () => {
  interface Level {
    row: number[];
    nonzero: number;
    sum: number;
  }
  interface Case extends Record<`gk${number}`, Level> {
    joint: [number, number];
    peak: [number, number];
  }
  const { joint, peak, ...levels } = readJson<{ cpn_targets: Case }>('quoted/cases.json').cpn_targets;

  it.each([7, 9, 11, 15])('blurs by %i taps as OpenCV does', (kernel) => {
    const codec = cpnCodec({ inputSize: [192, 256], heatmapSize: [48, 64], kernels: [kernel] });
    const {
      levels: [map],
      weights,
    } = codec.encode(keypointsOf('input', [...joint, 1]));
    const expected = levels[`gk${kernel}`]!;
    const at = (x: number): number => map![peak[1] * 48 + x]!;
    const row = Array.from({ length: expected.row.length }, (_, i) => at(peak[0] - (expected.row.length - 1) / 2 + i));
    expectClose(row, expected.row, 1e-6, 'the row of the peak');
    expect(map!.filter((value) => value > 0).length).toBe(expected.nonzero);
    expect(map!.reduce((a, b) => a + b, 0) / expected.sum).toBeCloseTo(1, 5);
    expect([...weights]).toEqual([1]);
  });

  it('keeps visibilities, leaves out what is off the map, and peaks at 255 also in a corner', () => {
    const codec = codecs['CPN’s'];
    const { levels, weights } = codec.encode(keypointsOf('input', [0, 0, 2, 5, 255, 1, -1, 9, 2, 192, 9, 2, 9, 9, 0]));
    expect([...weights]).toEqual([2, 1, 0, 0, 0]);
    for (const level of levels) {
      const peaks = Array.from({ length: 5 }, (_, k) => Math.max(...level.filter((_, i) => i % 5 === k)));
      expectClose(peaks, [255, 255, 0, 0, 0], 1e-6, 'peaks');
    }
  });

  it('encodes and decodes batches, and frees what it makes', async () => {
    const codec = codecs['CPN’s'];
    const people = [keypointsOf('input', [50, 60, 2]), keypointsOf('input', [120, 200, 1])];
    const start = tf.memory().numTensors;
    const { target: heatmaps, weights } = codec.encodeBatch(people);
    expect(heatmaps.map(({ shape }) => shape)).toEqual(new Array(4).fill([2, 64, 48, 1]));
    expect([...(await weights.data())]).toEqual([2, 1]);
    const back = await codec.decodeBatch(heatmaps[0]!);
    back.forEach(({ xy }, n) => expect(Math.abs(xy[0]! - people[n]!.xy[0]!)).toBeLessThan(3));
    tf.dispose([heatmaps, weights]);
    expect(tf.memory().numTensors).toBe(start);
  });

  it('refuses what it cannot use', () => {
    const options = { inputSize: [192, 256], heatmapSize: [48, 64] } as const;
    expect(() => cpnCodec({ ...options, kernels: [7, 8] })).toThrow(
      'kernels must be odd and positive. Received: [7,8].',
    );
    expect(() => cpnCodec({ ...options, peak: 0 })).toThrow('peak must be positive. Received: 0.');
  });
});

describe('diskOffsetCodec', () => {
  it('encodes the reference’s disks and offsets', () => {
    const { tensors, meta } = readBlockFixture('grmi_targets_loss', 'quoted/blocks');
    const codec = diskOffsetCodec({ inputSize: [25, 33], radius: meta['R'] as number });
    const xy = [...tensors['keypoints']!.data];
    const triplets = [0, 1, 2].flatMap((k) => [xy[2 * k]!, xy[2 * k + 1]!, 2]);
    const { heatmaps, weights, shape } = codec.encode(keypointsOf('input', triplets));
    expect([...weights]).toEqual([1, 1, 1]);
    expect(shape).toEqual([33, 25, 9]);
    ['target_heatmap', 'target_offset_x', 'target_offset_y'].forEach((name, part) => {
      const map = Float32Array.from(
        { length: 3 * 825 },
        (_, i) => heatmaps[(i % 825) * 9 + 3 * part + Math.floor(i / 825)]!,
      );
      expectClose(map, tensors[name]!.data, 1e-6, name);
    });
  });

  it('reads logits of a batch, in its own order, and frees what it makes', async () => {
    const codec = codecs['disks and offsets, interleaved'];
    const people = [keypointsOf('input', [10.2, 20.9, 2, 4, 7, 1]), keypointsOf('input', [30, 3, 2, 0, 0, 0])];
    const { target: heatmaps, weights } = codec.encodeBatch(people);
    expect(weights.shape).toEqual([2, 2]);
    // Probabilities near 0 and 1 as logits; offsets as they are.
    const isHeat = tf.tile(tf.tensor1d([1, 0, 0]), [2]);
    const logits = tf.tidy(() => {
      const scaled = tf.sub(tf.mul(heatmaps, 40), 20);
      return tf.add(tf.mul(scaled, isHeat), tf.mul(heatmaps, tf.sub(1, isHeat))) as tf.Tensor4D;
    });
    const before = tf.memory().numTensors;
    const [a, b] = await codec.decodeBatch(logits);
    expect(tf.memory().numTensors).toBe(before);
    expect([...a!.xy]).toEqual([10, 21, 4, 7]);
    expect([...b!.xy.subarray(0, 2)]).toEqual([30, 3]);
    expect(a!.score[1]).toBeGreaterThan(0.5);
    expect(b!.score[1]).toBeLessThan(1e-3);
    tf.dispose([heatmaps, weights, isHeat, logits]);
  });
});

describe('coordinateCodec', () => {
  it('takes coordinates of two or three axes', async () => {
    const codec = coordinateCodec({ inputSize: [64, 128] });
    const flat = await codec.decodeBatch(tf.tensor3d([[[0, 0.25]]]));
    const deep = await codec.decodeBatch(tf.tensor3d([[[0, 0.25, 0.1]]]));
    expect([...flat[0]!.xy]).toEqual([32, 96]);
    expect(deep).toEqual(flat);
    await expect(codec.decodeBatch(tf.zeros([1, 1, 4]))).rejects.toThrow('must be [N, K, 2] or [N, K, 3]');
  });
});
