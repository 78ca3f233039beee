import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { normalizePair, pairGradient } from './batch-norm-pair';
import { areFloats } from './operands';

interface Columns {
  readonly rows: number;
  readonly channels: number;
}

/** `x` as rows of channels, where it and the statistics are floats and there is one statistic per channel. */
function columnsOf(x: TensorInfo, ...statistics: (TensorInfo | undefined)[]): Columns | undefined {
  const channels = x.shape[x.shape.length - 1] ?? 0;
  const byChannel = statistics.every((t) => !t || (t.shape.length === 1 && t.shape[0] === channels));
  if (!byChannel || !areFloats(x, ...statistics)) return undefined;
  return { rows: util.sizeFromShape(x.shape) / channels, channels };
}

/** Scratch vectors with one float per channel. */
function vectors(module: SimdModule, count: number, channels: number): { at: number[]; view: Float32Array } {
  const base = module.scratch(4 * count * channels);
  const at = Array.from({ length: count }, (_, i) => base + 4 * channels * i);
  return { at, view: module.floats(base, count * channels) };
}

const read = (module: SimdModule, t: TensorInfo): Float32Array =>
  module.floats(module.pointer(t), util.sizeFromShape(t.shape));

/** `FusedBatchNorm` by channel. */
export function fusedBatchNorm(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  const mean = input(args, 'mean');
  const variance = input(args, 'variance');
  const { offset, scale } = args.inputs;
  const size = columnsOf(x, mean, variance, offset, scale);
  if (!size) return undefined;
  const out = module.output(x.shape);
  normalize(module, x, { mean, variance, scale, offset }, size, args.attrs['varianceEpsilon'] as number, out);
  return out;
}

interface Statistics {
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly scale: TensorInfo | undefined;
  readonly offset: TensorInfo | undefined;
}

function normalize(
  module: SimdModule,
  x: TensorInfo,
  statistics: Statistics,
  { rows, channels }: Columns,
  epsilon: number,
  out: TensorInfo,
): void {
  const { at, view } = vectors(module, 2, channels);
  const [mean, variance] = [read(module, statistics.mean), read(module, statistics.variance)];
  const scale = statistics.scale && read(module, statistics.scale);
  const offset = statistics.offset && read(module, statistics.offset);
  for (let c = 0; c < channels; c++) {
    const factor = (scale ? scale[c]! : 1) / Math.sqrt(variance[c]! + epsilon);
    view[c] = factor;
    view[channels + c] = (offset ? offset[c]! : 0) - mean[c]! * factor;
  }
  module.parallel(
    'affineColumns',
    module.parts(4 * rows * channels),
    module.pointer(x),
    at[0]!,
    0,
    0,
    at[1]!,
    module.pointer(out),
    rows,
    channels,
    0,
  );
}

/**
 * `FusedBatchNormGrad`: the gradients of `FusedBatchNorm` with respect to x, mean, variance, scale and offset, with the
 * statistics as constants.
 */
export function fusedBatchNormGradient(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const [x, dy] = [input(args, 'x'), input(args, 'dy')];
  const [mean, variance] = [input(args, 'mean'), input(args, 'variance')];
  const { scale } = args.inputs;
  const size = columnsOf(x, mean, variance, scale);
  if (!size || !areFloats(dy)) return undefined;
  const { rows, channels } = size;
  const outputs = [x.shape, ...Array.from({ length: 4 }, () => [channels])].map((shape) => module.output(shape));
  const [dx, dMean, dVariance, dScale, dOffset] = outputs as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const pointer = (t: TensorInfo): number => module.pointer(t);
  const sums = [pointer(x), pointer(dy), pointer(mean), pointer(dOffset), pointer(dScale)];
  module.parallel('centredProducts', module.parts(4 * rows * channels), ...sums, rows, channels);
  const { at, view } = vectors(module, 2, channels);
  const [spread, gain] = [read(module, variance), scale && read(module, scale)];
  const [toMean, toVariance, toScale] = [read(module, dMean), read(module, dVariance), read(module, dScale)];
  const sumDy = read(module, dOffset);
  const epsilon = args.attrs['varianceEpsilon'] as number;
  for (let c = 0; c < channels; c++) {
    const inverse = 1 / Math.sqrt(spread[c]! + epsilon);
    const factor = (gain ? gain[c]! : 1) * inverse;
    view[c] = factor;
    view[channels + c] = 0;
    toMean[c] = -factor * sumDy[c]!;
    toVariance[c] = -0.5 * factor * inverse * inverse * toScale[c]!;
    toScale[c] = inverse * toScale[c]!;
  }
  module.parallel(
    'affineColumns',
    module.parts(4 * rows * channels),
    pointer(dy),
    at[0]!,
    0,
    0,
    at[1]!,
    pointer(dx),
    rows,
    channels,
    0,
  );
  return outputs;
}

/** `BatchNormTraining`: x, scale, offset → the normalised x, the mean and the biased variance of each channel. */
export function batchNormTraining(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const x = input(args, 'x');
  const { scale, offset } = args.inputs;
  const size = columnsOf(x, scale, offset);
  if (!size) return undefined;
  const { rows, channels } = size;
  const y = module.output(x.shape);
  const mean = module.output([channels]);
  const variance = module.output([channels]);
  const epsilon = args.attrs['varianceEpsilon'] as number;
  if (rows <= 2) {
    const results = { y: read(module, y), mean: read(module, mean), variance: read(module, variance) };
    normalizePair(
      read(module, x),
      read(module, input(args, 'scale')),
      read(module, input(args, 'offset')),
      epsilon,
      results,
    );
    return [y, mean, variance];
  }
  const [from, means] = [module.pointer(x), module.pointer(mean)];
  module.parallel('columnSums', module.parts(4 * rows * channels), from, means, rows, channels, 1 / rows);
  module.parallel(
    'columnVariances',
    module.parts(4 * rows * channels),
    from,
    means,
    module.pointer(variance),
    rows,
    channels,
  );
  normalize(module, x, { mean, variance, scale, offset }, size, epsilon, y);
  return [y, mean, variance];
}

/**
 * `BatchNormTrainingGrad`: dy, x, mean, variance, scale → the gradients with respect to x, scale and offset, through
 * the batch's own statistics (Ioffe & Szegedy 2015, section 3).
 */
export function batchNormTrainingGradient(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const [x, dy] = [input(args, 'x'), input(args, 'dy')];
  const [mean, variance, scale] = [input(args, 'mean'), input(args, 'variance'), input(args, 'scale')];
  const size = columnsOf(x, mean, variance, scale);
  if (!size || !areFloats(dy)) return undefined;
  const { rows, channels } = size;
  const dx = module.output(x.shape);
  const dScale = module.output([channels]);
  const dOffset = module.output([channels]);
  const epsilon = args.attrs['varianceEpsilon'] as number;
  if (rows <= 2) {
    const view = (t: TensorInfo): Float32Array => read(module, t);
    pairGradient(view(x), view(dy), view(scale), epsilon, {
      dx: view(dx),
      dScale: view(dScale),
      dOffset: view(dOffset),
    });
    return [dx, dScale, dOffset];
  }
  const pointer = (t: TensorInfo): number => module.pointer(t);
  const sums = [pointer(x), pointer(dy), pointer(mean), pointer(dOffset), pointer(dScale)];
  module.parallel('centredProducts', module.parts(4 * rows * channels), ...sums, rows, channels);
  const { at, view } = vectors(module, 3, channels);
  const [centre, spread, gain] = [read(module, mean), read(module, variance), read(module, scale)];
  const [sumDy, toScale] = [read(module, dOffset), read(module, dScale)];
  for (let c = 0; c < channels; c++) {
    const inverse = 1 / Math.sqrt(spread[c]! + epsilon);
    const factor = gain[c]! * inverse;
    const slope = (-factor * inverse * inverse * toScale[c]!) / rows;
    view[c] = factor;
    view[channels + c] = slope;
    view[2 * channels + c] = (-factor * sumDy[c]!) / rows - slope * centre[c]!;
    toScale[c] = inverse * toScale[c]!;
  }
  module.parallel(
    'affineColumns',
    module.parts(4 * rows * channels),
    pointer(dy),
    at[0]!,
    pointer(x),
    at[1]!,
    at[2]!,
    pointer(dx),
    rows,
    channels,
    0,
  );
  return [dx, dScale, dOffset];
}
