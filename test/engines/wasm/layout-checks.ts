import * as tf from '@tensorflow/tfjs-core';
import * as reference from '../../support/reference-kernels';
import type { Checks, Values } from './kernel-bench';
import { randomSource, runKernel } from './kernel-bench';

/** MaxPool and MaxPoolGrad, with ties. */
export async function checkMaxPool(checks: Checks): Promise<void> {
  const random = randomSource(7);
  for (const filterSize of [2, 3]) {
    for (const strides of [1, 2, 3]) {
      for (const pad of ['same', 'valid', 1] as const) {
        for (const channels of [4, 6, 20]) {
          const shape = [2, 9, 12, channels];
          const x = random(shape);
          x.data.forEach((v, i) => (x.data[i] = Math.round(4 * v) / 4));
          const info = tf.backend_util.computePool2DInfo(
            shape as [number, number, number, number],
            filterSize,
            strides,
            1,
            pad,
            'floor',
          );
          const attrs = { filterSize, strides, pad, dimRoundingMode: 'floor' };
          const label = JSON.stringify({ filterSize, strides, pad, channels });
          const pooled = reference.maxPool(x.data, info);
          await checks.kernel(`MaxPool ${label}`, ['MaxPool', { x }, attrs], pooled, info.outShape);
          const output = { shape: info.outShape, data: Float32Array.from(pooled) };
          const dy = random(info.outShape);
          const wanted = reference.maxPoolGradient(dy.data, x.data, info);
          await checks.kernel(`MaxPoolGrad ${label}`, ['MaxPoolGrad', { dy, input: x, output }, attrs], wanted, shape);
        }
      }
    }
  }
}

/** Relu and, through the tape, its gradient. */
export async function checkRelu(checks: Checks): Promise<void> {
  const random = randomSource(8);
  for (const shape of [[1], [7], [33, 3], [2, 16, 12, 9]]) {
    const [x, dy] = [random(shape), random(shape)];
    x.data[0] = 0;
    const positive = x.data.map((v) => Math.max(v, 0));
    await checks.kernel(`Relu ${shape.join()}`, ['Relu', { x }, {}], positive, shape);
    const [input, seed] = [tf.tensor(x.data, shape), tf.tensor(dy.data, shape)];
    const dx = tf.grad((t) => tf.relu(t))(input, seed);
    const data = (await dx.data()) as Float32Array;
    const wanted = dy.data.map((v, i) => (x.data[i]! > 0 ? v : 0));
    checks.equal(`relu gradient ${shape.join()}`, { shape: dx.shape, data }, wanted, shape);
    tf.dispose([dx, input, seed]);
  }
}

/** Sums of equal shapes, and of a row over all rows from either side, and of a number. */
export async function checkAdd(checks: Checks): Promise<void> {
  const random = randomSource(9);
  const shapes: [number[], number[]][] = [
    [[7], [7]],
    [
      [33, 3],
      [1, 3],
    ],
    [
      [2, 16, 12, 9],
      [2, 16, 12, 9],
    ],
    [
      [2, 5, 7, 18],
      [1, 1, 1, 18],
    ],
    [[2, 5, 7, 18], [18]],
    [[3, 8], [1]],
    [
      [1, 8],
      [1, 1, 8],
    ],
  ];
  for (const [p, q] of shapes) {
    const [x, y] = [random(p), random(q)];
    const shape = tf.backend_util.assertAndGetBroadcastShape(p, q);
    const wanted = x.data.map((v, i) => v + y.data[i % y.data.length]!);
    await checks.kernel(`Add ${p.join()} + ${q.join()}`, ['Add', { a: x, b: y }, {}], wanted, shape);
    await checks.kernel(`Add ${q.join()} + ${p.join()}`, ['Add', { a: y, b: x }, {}], wanted, shape);
    const above = wanted.map((v) => Math.max(0, v));
    await checks.kernel(`AddRelu ${p.join()} + ${q.join()}`, ['AddRelu', { a: x, b: y }, {}], above, shape);
  }
}

/** The elements of `x` in a window, by plain indexing. */
function windowOf(x: Values, begin: readonly number[], size: readonly number[]): Float32Array {
  const count = size.reduce((p, q) => p * q, 1);
  return Float32Array.from({ length: count }, (_, flat) => {
    let rest = flat;
    let at = 0;
    let stride = 1;
    for (let axis = size.length - 1; axis >= 0; axis--) {
      at += (begin[axis]! + (rest % size[axis]!)) * stride;
      rest = Math.floor(rest / size[axis]!);
      stride *= x.shape[axis]!;
    }
    return x.data[at]!;
  });
}

/** Slice, SplitV, Unpack and their inverses Concat and Pack, over every axis. */
export async function checkLayout(checks: Checks): Promise<void> {
  const random = randomSource(9);
  for (const shape of [[6], [4, 6], [3, 4, 6], [2, 3, 4, 6], [2, 2, 3, 2, 6], [1, 300, 2, 2]]) {
    const x = random(shape);
    const inner = shape.map((n) => Math.min(1, n - 1));
    const extent = shape.map((n, axis) => Math.max(1, n - inner[axis]! - (axis % 2)));
    const slice = ['Slice', { x }, { begin: inner, size: extent }] as const;
    await checks.kernel(`Slice ${shape.join()}`, slice, windowOf(x, inner, extent), extent);
    for (const axis of shape.keys()) {
      if (shape[axis]! < 2) continue;
      const along = (from: number, count: number): [begin: number[], size: number[]] => [
        shape.map((_, i) => (i === axis ? from : 0)),
        shape.map((n, i) => (i === axis ? count : n)),
      ];
      const label = `${shape.join()} axis ${axis}`;
      const sizes = [1, shape[axis]! - 1];
      const halves = await runKernel('SplitV', { x }, { numOrSizeSplits: sizes, axis });
      sizes.forEach((count, i) => {
        const [begin, size] = along(i, count);
        checks.equal(`SplitV ${label}`, halves[i]!, windowOf(x, begin, size), size);
      });
      const joined = await runKernel('Concat', halves, { axis });
      checks.equal(`Concat ${label}`, joined[0]!, x.data, shape);

      const rest = shape.filter((_, i) => i !== axis);
      const parts = await runKernel('Unpack', { value: x }, { axis });
      parts.forEach((part, i) => {
        const [begin, size] = along(i, 1);
        checks.equal(`Unpack ${label}`, part, windowOf(x, begin, size), rest);
      });
      const packed = await runKernel('Pack', parts, { axis });
      checks.equal(`Pack ${label}`, packed[0]!, x.data, shape);
    }
  }
}
