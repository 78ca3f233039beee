import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { normalizePair, pairGradient } from './batch-norm-pair';
import { areFloats, floatsOf } from './operands';

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

/** `FusedBatchNorm` by channel. */
export function fusedBatchNorm(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  const mean = input(args, 'mean');
  const variance = input(args, 'variance');
  const { offset, scale } = args.inputs;
  const size = columnsOf(x, mean, variance, offset, scale);
  if (!size) return undefined;
  const out = module.output(x.shape);
  normalize(module, x, { mean, variance, scale, offset }, size, args.attrs['varianceEpsilon'] as number, false, out);
  return out;
}

interface Statistics {
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly scale: TensorInfo | undefined;
  readonly offset: TensorInfo | undefined;
}

/** Writes what x is multiplied by, and after it what is added: `scale / √(variance + ε)` and `offset − mean · factor`. */
function writeAffine(
  module: SimdModule,
  { mean, variance, scale, offset }: Statistics,
  epsilon: number,
  to: Float32Array,
) {
  const channels = to.length / 2;
  const [centre, spread] = [floatsOf(module, mean), floatsOf(module, variance)];
  const [gain, shift] = [scale && floatsOf(module, scale), offset && floatsOf(module, offset)];
  for (let c = 0; c < channels; c++) {
    const factor = (gain ? gain[c]! : 1) / Math.sqrt(spread[c]! + epsilon);
    to[c] = factor;
    to[channels + c] = (shift ? shift[c]! : 0) - centre[c]! * factor;
  }
}

function normalize(
  module: SimdModule,
  x: TensorInfo,
  statistics: Statistics,
  { rows, channels }: Columns,
  epsilon: number,
  relu: boolean,
  out: TensorInfo,
): void {
  const { at, view } = vectors(module, 2, channels);
  writeAffine(module, statistics, epsilon, view);
  const [from, to] = [module.pointer(x), module.pointer(out)];
  const [factor, shift] = at as [number, number];
  const split = module.split(4 * rows * channels);
  module.parallel('affineColumns', split, from, factor, shift, to, rows, channels, relu ? 1 : 0);
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
  const split = module.split(4 * rows * channels);
  const sums = [pointer(x), pointer(dy), pointer(mean), pointer(dOffset), pointer(dScale)];
  module.parallel('normalizationSums', split.parts, ...sums, 0, 0, rows, channels);
  const { at, view } = vectors(module, 2, channels);
  const [spread, gain] = [floatsOf(module, variance), scale && floatsOf(module, scale)];
  const [toMean, toVariance, toScale] = [
    floatsOf(module, dMean),
    floatsOf(module, dVariance),
    floatsOf(module, dScale),
  ];
  const sumDy = floatsOf(module, dOffset);
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
  const [factor, zeros] = at as [number, number];
  module.parallel('affineColumns', split, pointer(dy), factor, zeros, pointer(dx), rows, channels, 0);
  return outputs;
}

/**
 * `BatchNormTraining`: x, scale, offset, movingMean, movingVariance → the normalised x, with the attribute `relu` its ReLU; the mean and biased variance of
 * each channel; and the moving statistics, as `momentum` leaves of the old ones and takes of the mean and the unbiased variance.
 */
export function batchNormTraining(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const x = input(args, 'x');
  const { scale, offset } = args.inputs;
  const [oldMean, oldVariance] = [input(args, 'movingMean'), input(args, 'movingVariance')];
  const size = columnsOf(x, scale, offset, oldMean, oldVariance);
  if (!size) return undefined;
  const { rows, channels } = size;
  const y = module.output(x.shape);
  const [mean, variance, movingMean, movingVariance] = Array.from({ length: 4 }, () => module.output([channels])) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const { varianceEpsilon: epsilon, momentum, relu } = args.attrs as unknown as BatchNormTrainingAttrs;
  if (rows <= 2) {
    const results = { y: floatsOf(module, y), mean: floatsOf(module, mean), variance: floatsOf(module, variance) };
    const [gain, shift] = [floatsOf(module, input(args, 'scale')), floatsOf(module, input(args, 'offset'))];
    normalizePair(floatsOf(module, x), gain, shift, epsilon, relu, results);
  } else {
    const sums = [module.pointer(x), module.pointer(mean), module.pointer(variance)];
    module.parallel('columnStatistics', module.parts(4 * rows * channels), ...sums, rows, channels);
    normalize(module, x, { mean, variance, scale, offset }, size, epsilon, relu, y);
  }
  const moved = (old: TensorInfo, value: TensorInfo, to: TensorInfo, factor: number): void =>
    moveTowards(floatsOf(module, old), floatsOf(module, value), momentum, factor, floatsOf(module, to));
  moved(oldMean, mean, movingMean, 1);
  moved(oldVariance, variance, movingVariance, rows / Math.max(rows - 1, 1));
  return [y, mean, variance, movingMean, movingVariance];
}

/** momentum · old + (1 − momentum) · factor · value, each product rounded as tensors are. */
function moveTowards(old: Float32Array, value: Float32Array, momentum: number, factor: number, to: Float32Array): void {
  const [keep, take, unbiased] = [Math.fround(momentum), Math.fround(1 - momentum), Math.fround(factor)];
  for (let c = 0; c < to.length; c++) {
    to[c] = Math.fround(old[c]! * keep) + Math.fround(Math.fround(value[c]! * unbiased) * take);
  }
}

/**
 * `BatchNormTrainingGrad`: dy, x, mean, variance, scale, offset → the gradients with respect to x, scale and offset, through
 * the batch's own statistics (Ioffe & Szegedy 2015, section 3), and with the attribute `relu` through the ReLU after them.
 */
export function batchNormTrainingGradient(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const [x, dy] = [input(args, 'x'), input(args, 'dy')];
  const [mean, variance] = [input(args, 'mean'), input(args, 'variance')];
  const [scale, offset] = [input(args, 'scale'), input(args, 'offset')];
  const size = columnsOf(x, mean, variance, scale, offset);
  if (!size || !areFloats(dy)) return undefined;
  const { rows, channels } = size;
  const dx = module.output(x.shape);
  const dScale = module.output([channels]);
  const dOffset = module.output([channels]);
  const { varianceEpsilon: epsilon, relu } = args.attrs as unknown as BatchNormTrainingAttrs;
  if (rows <= 2) {
    const view = (t: TensorInfo): Float32Array => floatsOf(module, t);
    const results = { dx: view(dx), dScale: view(dScale), dOffset: view(dOffset) };
    pairGradient(view(x), view(dy), view(scale), view(offset), epsilon, relu, results);
    return [dx, dScale, dOffset];
  }
  const pointer = (t: TensorInfo): number => module.pointer(t);
  const split = module.split(4 * rows * channels);
  const { at, view } = vectors(module, 5, channels);
  const [a, b, k, factor, shift] = at as [number, number, number, number, number];
  writeAffine(module, { mean, variance, scale, offset }, epsilon, view.subarray(3 * channels));
  const mask = relu ? [factor, shift] : [0, 0];
  const sums = [pointer(x), pointer(dy), pointer(mean), pointer(dOffset), pointer(dScale)];
  module.parallel('normalizationSums', split.parts, ...sums, ...mask, rows, channels);
  const [centre, spread, gain] = [floatsOf(module, mean), floatsOf(module, variance), floatsOf(module, scale)];
  const [sumDy, toScale] = [floatsOf(module, dOffset), floatsOf(module, dScale)];
  for (let c = 0; c < channels; c++) {
    const inverse = 1 / Math.sqrt(spread[c]! + epsilon);
    const slope = (-gain[c]! * inverse * inverse * inverse * toScale[c]!) / rows;
    view[c] = gain[c]! * inverse;
    view[channels + c] = slope;
    view[2 * channels + c] = (-gain[c]! * inverse * sumDy[c]!) / rows - slope * centre[c]!;
    toScale[c] = inverse * toScale[c]!;
  }
  const [from, to] = [pointer(x), pointer(dx)];
  module.parallel('normalizationGradient', split, pointer(dy), a, from, b, k, ...mask, to, rows, channels);
  return [dx, dScale, dOffset];
}

/** The attributes of `BatchNormTraining`; its gradient has no use for `momentum`. */
interface BatchNormTrainingAttrs {
  readonly varianceEpsilon: number;
  readonly momentum: number;
  /** Whether a ReLU follows, in the same pass. */
  readonly relu: boolean;
}
