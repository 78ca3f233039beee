import type { layers } from '@tensorflow/tfjs-layers';

/** How a weight of a layer is called and laid out in a PyTorch state dict. */
export interface TorchWeight {
  /** Of `P.weight`, the last part. */
  readonly suffix: string;
  /** `axes[i]` is the axis of the tfjs tensor that is PyTorch's axis i; absent where the layout is the same. */
  readonly axes?: readonly number[];
  /** PyTorch's shape. */
  readonly shape: readonly number[];
}

const SUFFIXES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  depthwise_kernel: 'weight',
  gamma: 'weight',
  bias: 'bias',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** Convolutions: HWIO → OIHW. Transposed ones: HWOI → IOHW, the same permutation. Depthwise: H·W·C·M → C·M·H·W, flattened to C·M, 1. */
const CONVOLUTION = [3, 2, 0, 1];
const DEPTHWISE = [2, 3, 0, 1];
const DENSE = [1, 0];

/**
 * The PyTorch form of weight `name` (the part of its tfjs name after the layer's) of a layer with that shape; null where PyTorch has no such weight.
 * One rule for every network: the layer path is the module path.
 */
export function torchWeight(layer: layers.Layer, name: string, shape: readonly number[]): TorchWeight | null {
  const suffix = SUFFIXES[name];
  if (suffix === undefined) return null;
  if (name === 'depthwise_kernel') {
    const [height, width, channels, multiplier] = shape as [number, number, number, number];
    return { suffix, axes: DEPTHWISE, shape: [channels * multiplier, 1, height, width] };
  }
  if (name === 'kernel') {
    const axes = shape.length === 2 ? DENSE : CONVOLUTION;
    return { suffix, axes, shape: axes.map((axis) => shape[axis]!) };
  }
  // PyTorch's LayerNorm over the channels of a 1×1 map keeps the map's axes.
  if (layer.getClassName() === 'LayerNormalization') return { suffix, shape: [shape[0]!, 1, 1] };
  return { suffix, shape };
}

/** Copies row-major `data` of `shape` so that axis i of the result is axis `axes[i]` of the source. */
export function permute(data: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const sizes = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => strides[axis]!);
  const out = new Float32Array(data.length);
  const index = new Array<number>(sizes.length).fill(0);
  const last = sizes.length - 1;
  let source = 0;
  for (let target = 0; target < out.length; target++) {
    out[target] = data[source]!;
    for (let axis = last; axis >= 0; axis--) {
      source += steps[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      source -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** The permutation that undoes `axes`. */
export function inverse(axes: readonly number[]): number[] {
  const out = new Array<number>(axes.length);
  axes.forEach((axis, i) => (out[axis] = i));
  return out;
}
