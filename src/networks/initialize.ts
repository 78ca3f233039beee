import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { hashText, normal, resumableRandom } from '../random';

/**
 * Initialisation schemes of convolutions, named by the reference implementation:
 *
 * - `'gaussian-0.001'`: N(0, 0.001²), with biases zero (HRNet);
 * - `'simple-baseline'`: the same, but the last layer's bias keeps PyTorch's default;
 * - `'lpn'`: as `'simple-baseline'`, and the bias of Global Context's first transform also keeps PyTorch's default;
 * - `'he'`: N(0, 2 / fan_out), torchvision's ResNet and EfficientNet, with biases zero;
 * - `'grmi'`: the same, but N(0, 2 / fan_in), as in TF-slim, for the last convolutions: their few output channels are in pixels, and no normalisation
 *   follows, so 2 / fan_out would start with offsets larger than the crop;
 * - `'torchvision-rcnn'`: `'he'`, but U(±√(3 / fan_in)) in the feature pyramid;
 * - `'torch'`: U(±1/√fan_in) for weights and biases, PyTorch's default (hourglasses, ShuffleNet);
 * - `'pyranet'`: N(0, gain² · 2 / (fan_in + fan_out)), where gain² is one over the number of branches that join or split there (Yang et al. 2017, section 4,
 *   as in AlphaPose's port), with PyTorch's biases.
 *
 * Normalisations always start at scale 1 and offset 0.
 */
export type Initialization =
  'gaussian-0.001' | 'simple-baseline' | 'lpn' | 'he' | 'grmi' | 'torchvision-rcnn' | 'torch' | 'pyranet';

interface Fan {
  /** Number of weights that contribute to one output. */
  readonly in: number;
  /** Number of weights that use one input. */
  readonly out: number;
}

type Filler = (size: number, seed: number) => Float32Array;
const filled = (next: () => number, size: number, scale: number): Float32Array => {
  const out = new Float32Array(size);
  for (let i = 0; i < size; i++) out[i] = scale * next();
  return out;
};
const zeros: Filler = (size) => new Float32Array(size);
const gaussian =
  (deviation: number): Filler =>
  (size, seed) =>
    filled(normal(resumableRandom(seed).next), size, deviation);
const symmetric =
  (bound: number): Filler =>
  (size, seed) => {
    const { next } = resumableRandom(seed);
    return filled(() => 2 * next() - 1, size, bound);
  };

const SCHEMES: Readonly<
  Record<
    Initialization,
    {
      kernel: (fan: Fan, layer: string, layers: readonly string[]) => Filler;
      bias: (fan: Fan, layer: string) => Filler;
    }
  >
> = {
  'gaussian-0.001': { kernel: () => gaussian(0.001), bias: () => zeros },
  'simple-baseline': {
    kernel: () => gaussian(0.001),
    bias: (fan, layer) => (/(^|\.)final_layer$/.test(layer) ? symmetric(1 / Math.sqrt(fan.in)) : zeros),
  },
  lpn: {
    kernel: () => gaussian(0.001),
    bias: (fan, layer) =>
      /(^|\.)(final_layer|channel_(add|mul)_conv\.0)$/.test(layer) ? symmetric(1 / Math.sqrt(fan.in)) : zeros,
  },
  he: { kernel: (fan) => gaussian(Math.sqrt(2 / fan.out)), bias: () => zeros },
  grmi: {
    kernel: (fan, layer) => gaussian(Math.sqrt(2 / (/^(head|auxiliary)$/.test(layer) ? fan.in : fan.out))),
    bias: () => zeros,
  },
  'torchvision-rcnn': {
    kernel: (fan, layer) =>
      /(^|\.)fpn\./.test(layer) ? symmetric(Math.sqrt(3 / fan.in)) : gaussian(Math.sqrt(2 / fan.out)),
    bias: () => zeros,
  },
  torch: {
    kernel: (fan) => symmetric(1 / Math.sqrt(fan.in)),
    bias: (fan) => symmetric(1 / Math.sqrt(fan.in)),
  },
  pyranet: {
    kernel: (fan, layer, layers) => gaussian(Math.sqrt(2 / (pyranetBranches(layer, layers) * (fan.in + fan.out)))),
    bias: (fan) => symmetric(1 / Math.sqrt(fan.in)),
  },
};

/** The number of branches that a convolution of PyraNet feeds or sums: colours, the two halves of a module, the levels of a pyramid. */
function pyranetBranches(layer: string, layers: readonly string[]): number {
  const module = /^(.*\.)?(main|reduce|expand|out|skip|lin)\.(\d+)/.exec(layer);
  if (!module) return layer === 'conv1' ? 3 : 1;
  const [, path = '', part, place] = module;
  if (part === 'reduce' || part === 'expand')
    return layers.filter((name) => name.startsWith(`${path}pyra.`) && /^\d+$/.test(name.slice(path.length + 5))).length;
  // In main, only the first convolution, with or without a leading normalisation and ReLU.
  return part === 'main' && Number(place) > 2 ? 1 : 2;
}

/**
 * Fans as PyTorch counts them, from the kernel's tfjs shape. PyTorch reads a transposed kernel like a convolution's, [out, in, h, w];
 * its [h, w, out, in] here therefore needs no case of its own.
 */
function fanOf(className: string, [height = 1, width = 1, a = 1, b = 1]: readonly number[]): Fan {
  const taps = height * width;
  return className === 'DepthwiseConv2D' ? { in: taps, out: taps * a * b } : { in: taps * a, out: taps * b };
}

interface Variable {
  readonly originalName: string;
  readonly shape: readonly number[];
  write(value: tf.Tensor): unknown;
}

/**
 * Sets every convolution of a network (kernels and biases) by the named scheme. The numbers of a weight depend only on the seed and its name,
 * so two networks that share a layer share its initial weights.
 *
 * @throws RangeError for an unknown scheme.
 * @example initialize(network, 'lpn', { seed: 1 })
 */
export function initialize(network: LayersModel, scheme: Initialization, { seed = 0 }: { seed?: number } = {}): void {
  const rules = SCHEMES[scheme];
  if (!rules) {
    throw new RangeError(
      `initialize: scheme must be one of ${Object.keys(SCHEMES).join(', ')}. Received: ${String(scheme)}.`,
    );
  }
  const names = network.layers.map(({ name }) => name);
  for (const layer of network.layers) {
    const variables = layer.weights as unknown as Variable[];
    const kernel = variables.find(({ originalName }) => /\/(depthwise_)?kernel$/.test(originalName));
    if (!kernel) continue;
    const fan = fanOf(layer.getClassName(), kernel.shape);
    for (const variable of variables) {
      const fill = variable === kernel ? rules.kernel(fan, layer.name, names) : rules.bias(fan, layer.name);
      const size = variable.shape.reduce((a, b) => a * b, 1);
      tf.tidy(
        () => void variable.write(tf.tensor(fill(size, hashText(variable.originalName) ^ seed), [...variable.shape])),
      );
    }
  }
}
