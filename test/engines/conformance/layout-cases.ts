import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { at, fill, values, type Case, type Numbers } from './case';

const MAP = [2, 4, 6, 3];

interface Layout {
  readonly kernel: string;
  readonly run: (x: Tensor4D) => Tensor;
  readonly shape: readonly number[];
  /** Where each element of the result comes from. */
  readonly from: (...index: number[]) => readonly number[];
  readonly gradients?: false;
}
const mirror = (i: number, size: number): number => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
const LAYOUTS: readonly Layout[] = [
  { kernel: 'Reshape', run: (x) => tf.reshape(x, MAP), shape: MAP, from: (...i) => i },
  {
    kernel: 'ExpandDims',
    run: (x) => tf.expandDims(x, 1),
    shape: [2, 1, 4, 6, 3],
    from: (n, _, y, x, c) => [n!, y!, x!, c!],
  },
  {
    kernel: 'Transpose',
    run: (x) => tf.transpose(x, [0, 3, 1, 2]),
    shape: [2, 3, 4, 6],
    from: (n, c, y, x) => [n!, y!, x!, c!],
  },
  {
    kernel: 'Transpose',
    run: (x) => tf.transpose(x, [3, 2, 1, 0]),
    shape: [3, 6, 4, 2],
    from: (c, x, y, n) => [n!, y!, x!, c!],
  },
  {
    kernel: 'Slice',
    run: (x) => tf.slice(x, [0, 1, 2, 1], [2, 2, 3, 2]),
    shape: [2, 2, 3, 2],
    from: (n, y, x, c) => [n!, y! + 1, x! + 2, c! + 1],
  },
  {
    kernel: 'SplitV',
    run: (x) => tf.split(x, [1, 2], 3)[1]!,
    shape: [2, 4, 6, 2],
    from: (n, y, x, c) => [n!, y!, x!, c! + 1],
  },
  { kernel: 'Unpack', run: (x) => tf.unstack(x, 2)[4]!, shape: [2, 4, 3], from: (n, y, c) => [n!, y!, 4, c!] },
  {
    kernel: 'PadV2',
    run: (x) =>
      tf.pad(x, [
        [0, 0],
        [1, 2],
        [0, 3],
        [0, 1],
      ]),
    shape: [2, 7, 9, 4],
    from: (n, y, x, c) => [n!, y! - 1, x!, c!],
  },
  {
    kernel: 'MirrorPad',
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [1, 2],
          [2, 1],
          [0, 0],
        ],
        'reflect',
      ),
    shape: [2, 7, 9, 3],
    from: (n, y, x, c) => [n!, mirror(y! - 1, 4), mirror(x! - 2, 6), c!],
  },
  {
    kernel: 'MirrorPad',
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [4, 1],
          [0, 6],
          [0, 0],
        ],
        'symmetric',
      ),
    shape: [2, 9, 12, 3],
    from: (n, y, x, c) => [n!, y! < 4 ? 3 - y! : y! < 8 ? y! - 4 : 3, x! < 6 ? x! : 11 - x!, c!],
  },
  { kernel: 'Reverse', run: (x) => tf.reverse(x, [2]), shape: MAP, from: (n, y, x, c) => [n!, y!, 5 - x!, c!] },
  {
    kernel: 'Tile',
    run: (x) => tf.tile(x, [1, 2, 1, 3]),
    shape: [2, 8, 6, 9],
    from: (n, y, x, c) => [n!, y! % 4, x!, c! % 3],
  },
  {
    kernel: 'GatherV2',
    run: (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 3),
    shape: MAP,
    from: (n, y, x, c) => [n!, y!, x!, [2, 0, 2][c!]!],
  },
  {
    kernel: 'SpaceToBatchND',
    run: (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    shape: [8, 2, 3, 3],
    from: (b, y, x, c) => [b! % 2, 2 * y! + Math.floor(b! / 4), 2 * x! + (Math.floor(b! / 2) % 2), c!],
  },
  {
    kernel: 'DepthToSpace',
    run: (x) =>
      tf.depthToSpace(
        tf.slice(
          tf.pad(x, [
            [0, 0],
            [0, 0],
            [0, 0],
            [0, 1],
          ]),
          [0, 0, 0, 0],
          [2, 4, 6, 4],
        ),
        2,
        'NHWC',
      ),
    shape: [2, 8, 12, 1],
    from: (n, y, x) => [n!, Math.floor(y! / 2), Math.floor(x! / 2), 2 * (y! % 2) + (x! % 2)],
    gradients: false,
  },
  {
    kernel: 'ResizeNearestNeighbor',
    run: (x) => tf.image.resizeNearestNeighbor(x, [8, 12]),
    shape: [2, 8, 12, 3],
    from: (n, y, x, c) => [n!, Math.floor(y! / 2), Math.floor(x! / 2), c!],
  },
];

/** Bilinear resize by the definition: each output pixel between its four nearest. */
function bilinear(
  x: Numbers,
  [height, width]: readonly [number, number],
  place: (i: number, from: number, to: number) => number,
): Float64Array {
  const [, inHeight, inWidth] = MAP as [number, number, number, number];
  return fill([2, height, width, 3], (n, row, column, c) => {
    const y = Math.max(0, place(row!, inHeight, height));
    const u = Math.max(0, place(column!, inWidth, width));
    const [top, left] = [Math.floor(y), Math.floor(u)];
    const [bottom, right] = [Math.min(top + 1, inHeight - 1), Math.min(left + 1, inWidth - 1)];
    const pixel = (i: number, j: number): number => at(x, MAP, n!, i, j, c!);
    const above = pixel(top, left) * (1 - (u - left)) + pixel(top, right) * (u - left);
    const below = pixel(bottom, left) * (1 - (u - left)) + pixel(bottom, right) * (u - left);
    return above * (1 - (y - top)) + below * (y - top);
  });
}

function* resizes(): Generator<Case> {
  for (const size of [
    [8, 12],
    [7, 5],
  ] as const) {
    yield {
      kernel: 'ResizeBilinear',
      inputs: [values(MAP)],
      run: (x) => tf.image.resizeBilinear(x as Tensor4D, [...size], false, true),
      reference: (x) => bilinear(x, size, (i, from, to) => ((i + 0.5) * from) / to - 0.5),
      gradients: ['ResizeBilinearGrad half-pixel'],
    };
    yield {
      kernel: 'ResizeBilinear',
      inputs: [values(MAP)],
      run: (x) => tf.image.resizeBilinear(x as Tensor4D, [...size], true),
      reference: (x) => bilinear(x, size, (i, from, to) => (i * (from - 1)) / (to - 1)),
      gradients: ['ResizeBilinearGrad aligned'],
    };
  }
}

/** Moving and copying, with no arithmetic, and resizing. */
export function* layoutCases(): Generator<Case> {
  for (const { kernel, run, shape, from, gradients } of LAYOUTS) {
    yield {
      kernel,
      inputs: [values(MAP)],
      run: (x) => run(x as Tensor4D),
      reference: (x) => fill(shape, (...index) => at(x, MAP, ...from(...index))),
      ...(gradients === false && { gradients }),
    };
  }
  yield* resizes();
  yield {
    kernel: 'BatchToSpaceND',
    inputs: [values([8, 2, 3, 3])],
    run: (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    reference: (x) =>
      fill(MAP, (n, y, u, c) => at(x, [8, 2, 3, 3], n! + 2 * (u! % 2) + 4 * (y! % 2), y! >> 1, u! >> 1, c!)),
  };
  yield {
    kernel: 'Concat',
    inputs: [values(MAP), values([2, 4, 6, 2], 1)],
    run: (a, b) => tf.concat([a, b], 3),
    reference: (a, b) =>
      fill([2, 4, 6, 5], (n, y, x, c) =>
        c! < 3 ? at(a, MAP, n!, y!, x!, c!) : at(b, [2, 4, 6, 2], n!, y!, x!, c! - 3),
      ),
  };
  yield {
    kernel: 'Pack',
    inputs: [values(MAP), values(MAP, 1)],
    run: (a, b) => tf.stack([a, b], 1),
    reference: (a, b) => fill([2, 2, 4, 6, 3], (n, side, ...rest) => at(side === 0 ? a : b, MAP, n!, ...rest)),
  };
  yield {
    kernel: 'OneHot',
    inputs: [],
    run: () => tf.cast(tf.oneHot(tf.tensor1d([2, 0, 3], 'int32'), 4), 'float32'),
    reference: () => fill([3, 4], (row, column) => (column === [2, 0, 3][row!] ? 1 : 0)),
    gradients: false,
  };
  yield {
    kernel: 'Fill',
    inputs: [],
    run: () => tf.fill([2, 3], 0.5),
    reference: () => new Float64Array(6).fill(0.5),
    gradients: false,
  };
}
