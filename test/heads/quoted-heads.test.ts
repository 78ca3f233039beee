import * as tf from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { join, type Block } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { globalNet, integralHead, refineBottleneck, refineNet } from 'poseblocks/heads';
import { loadStateDict, stateDict } from 'poseblocks/interop';
import { COCO } from 'poseblocks/keypoints';
import { flipAverageCoordinates, integralCoordinates } from 'poseblocks/postprocess';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { describeBlock } from '../support/describe-block';
import { networkOf, noise, outputsOf } from '../support/network';
import { proceduralWeight } from '../support/procedural';

const folder = 'quoted/blocks';

describeBlock('refineBottleneck with identity', refineBottleneck({ filters: 32, shortcut: 'identity' }), {
  input: [6, 5, 32],
  output: [6, 5, 32],
  params: 32 * 16 + 9 * 16 * 16 + 16 * 32 + 2 * (16 + 16 + 32),
  golden: 'cpn_refine_bottleneck_identity_c32',
  folder,
});
describeBlock('refineBottleneck with projection', refineBottleneck({ filters: 32 }), {
  input: [6, 5, 64],
  output: [6, 5, 32],
  params: 64 * 16 + 9 * 16 * 16 + 16 * 32 + 64 * 32 + 2 * (16 + 16 + 32 + 32),
  golden: 'cpn_refine_bottleneck_proj_c64_32',
  folder,
});

/** CPN's head as tf-cpn has it, at width 16. */
const cpnHead: Block<readonly SymbolicTensor[], readonly SymbolicTensor[]> = (levels, name) => {
  const global = globalNet({ keypoints: 3, filters: 16, merge: 'bias' });
  const { features, heatmaps } = global(levels, join(name, 'global_net'));
  return [...heatmaps, refineNet({ keypoints: 3, shortcut: 'identity' })(features, join(name, 'refine_net'))];
};

describeBlock('globalNet and refineNet', cpnHead, {
  input: [
    [2, 2, 40],
    [4, 3, 32],
    [8, 6, 24],
    [16, 12, 16],
  ],
  output: new Array<number[]>(5).fill([16, 12, 3]),
  params: 13790,
  golden: 'cpn_global_refine_w16',
  folder,
  zeroGradient: { 'global_net.upsamples.2.1/bias': 'only 1×1 convolutions and normalisations follow' },
});

describeBlock('integralHead', integralHead(), {
  input: [6, 5, 3],
  output: [3, 2],
  params: 0,
  golden: 'integral_head_3j_6x5',
  folder,
});
describeBlock('integralHead in three dimensions', integralHead({ depth: 4 }), {
  input: [6, 5, 8],
  output: [2, 3],
  params: 0,
});

beforeAll(() => useEngine('wasm'));

describe('globalNet and refineNet', () => {
  const levels = [
    [2, 2, 8],
    [4, 3, 8],
    [8, 6, 8],
  ] as const;

  it('takes any number of levels, and leaves its heads out', () => {
    const network = networkOf((xs: readonly SymbolicTensor[], name: string) => {
      const { features, heatmaps } = globalNet({ keypoints: 2, filters: 8, heads: false })(xs, `${name}.g`);
      expect(heatmaps).toEqual([]);
      return refineNet({ keypoints: 2 })(features, `${name}.r`);
    }, levels);
    expect(network.outputs[0]!.shape).toEqual([null, 8, 6, 2]);
    expect(network.layers.some(({ name }) => name.includes('predict.0'))).toBe(true);
    expect(network.layers.some(({ name }) => name.startsWith('block.g.predict'))).toBe(false);
    network.dispose();
  });

  it('gives the same in inference with heatmaps normalised before or after resizing', async () => {
    const outputs = await Promise.all(
      (['beforeResize', 'afterResize'] as const).map(async (headNorm) => {
        const network = networkOf(
          (xs: readonly SymbolicTensor[], name: string) =>
            globalNet({ keypoints: 2, filters: 8, headNorm, resize: 'alignCorners' })(xs, name).heatmaps,
          levels,
        );
        const own = Object.entries(await stateDict(network));
        loadStateDict(network, Object.fromEntries(own.map(([key, { shape }]) => [key, proceduralWeight(key, shape)])));
        const xs = levels.map((shape, i) => noise([1, ...shape], 1 + i));
        return (await outputsOf(network, xs)[0]!.data()) as Float32Array;
      }),
    );
    expectClose(outputs[0]!, outputs[1]!, 1e-5, 'heatmaps');
  });

  it.each([
    ['keypoints', () => globalNet({ keypoints: 0 }), 'globalNet: keypoints must be a positive integer. Received: 0.'],
    [
      'keypoints',
      () => refineNet({ keypoints: 1.5 }),
      'refineNet: keypoints must be a positive integer. Received: 1.5.',
    ],
    [
      'filters',
      () => refineBottleneck({ filters: 33 }),
      'refineBottleneck: filters must be even and positive. Received: 33.',
    ],
    ['levels', () => globalNet({ keypoints: 1 })([], 'g'), 'g: GlobalNet must have one level or more. Received: none.'],
    ['levels', () => refineNet({ keypoints: 1 })([], 'r'), 'r: RefineNet must have one level or more. Received: none.'],
  ])('refuses wrong %s', (_, build, message) => {
    expect(build).toThrow(new RangeError(message));
  });
});

describe('integral coordinates', () => {
  it('are the expected cell of a volume, z after the joint', async () => {
    const [depth, height, width] = [4, 3, 5];
    // One cell of joint 1 of 2 holds all: x = 3, y = 2, z = 1. Joint 0 is flat.
    const logits = tf.buffer([1, height, width, 2 * depth]);
    logits.set(100, 0, 2, 3, 1 * depth + 1);
    const found = integralCoordinates(logits.toTensor() as tf.Tensor4D, { depth });
    expectClose(
      await found.data(),
      [2 / 5 - 0.5, 1 / 3 - 0.5, 1.5 / 4 - 0.5, 3 / 5 - 0.5, 2 / 3 - 0.5, 1 / 4 - 0.5],
      1e-6,
      'x, y, z of both joints',
    );
  });

  it('do not change when logits are shifted, and move as their map does', async () => {
    const logits = tf.pad(
      noise([1, 4, 4, 2]),
      [
        [0, 0],
        [2, 2],
        [2, 2],
        [0, 0],
      ],
      -60,
    ) as tf.Tensor4D;
    const moved = tf.concat([tf.slice(logits, [0, 0, 7, 0]), tf.slice(logits, [0, 0, 0, 0], [1, 8, 7, 2])], 2);
    const [a, b, c] = [logits, tf.add(logits, 13), moved].map((x) => integralCoordinates(x as tf.Tensor4D));
    expectClose(await b!.data(), await a!.data(), 1e-5, 'shifted');
    expectClose(await c!.data(), await tf.add(a!, [1 / 8, 0]).data(), 1e-5, 'moved by one column of eight');
  });

  it('of a mirrored image average back to the image’s own', async () => {
    const pixels = tf.mul(tf.randomUniform([2, 17, 3], 0, 1, 'float32', 3), 255) as tf.Tensor3D;
    const order = COCO.names.map(
      (_, k) => COCO.flipPairs.flatMap(([a, b]) => (a === k ? [b] : b === k ? [a] : []))[0] ?? k,
    );
    const mirrored = tf.add(tf.mul(tf.gather(pixels, order, 1), [-1, 1, 1]), [255, 0, 0]) as tf.Tensor3D;
    const average = flipAverageCoordinates(pixels, mirrored, COCO, { width: 256 });
    expectClose(await average.data(), await pixels.data(), 1e-5, 'pixels');
    const normalized = (x: tf.Tensor): tf.Tensor3D => tf.sub(tf.div(x, 256), 0.5) as tf.Tensor3D;
    const again = flipAverageCoordinates(normalized(pixels), normalized(mirrored), COCO, { normalized: 256 });
    expectClose(await again.data(), await normalized(pixels).data(), 1e-6, 'normalised');
  });

  it.each([
    [
      'depths',
      () => integralCoordinates(tf.zeros([1, 2, 2, 6]), { depth: 4 }),
      'integralCoordinates: logits must be [N, H, W, K · depth]. Received: [1, 2, 2, 6] with depth 4.',
    ],
    [
      'heads',
      () => networkOf(integralHead({ depth: 4 }), [2, 2, 6]),
      'block: depth must be a positive integer that divides the channels. Received: depth=4, channels=6.',
    ],
    [
      'people',
      () => flipAverageCoordinates(tf.zeros([1, 5, 2]), tf.zeros([1, 5, 2]), COCO, { width: 8 }),
      'flipAverageCoordinates: both must be [N, K, D] with the 17 keypoints of coco. Received: [1, 5, 2] and [1, 5, 2].',
    ],
  ])('refuse other %s', (_, run, message) => {
    expect(run).toThrow(new RangeError(message));
  });
});
