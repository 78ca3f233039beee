import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { hash, normal, uniform } from './random';

/**
 * How convolutions start, by the reference implementation that does it so:
 *
 * - `'gaussian-0.001'`: N(0, 0.001²), with biases zero (HRNet);
 * - `'simple-baseline'`: the same, but the last layer's bias is left at PyTorch's default;
 * - `'lpn'`: the same, and so is the bias of Global Context's first transform;
 * - `'he'`: N(0, 2 / fan_out), torchvision's ResNet and EfficientNet, with biases zero;
 * - `'torch'`: U(±1/√fan_in) for weights and biases, PyTorch's default (hourglasses, ShuffleNet).
 *
 * Normalisations start at scale 1 and offset 0, as always.
 */
export type Initialization = 'gaussian-0.001' | 'simple-baseline' | 'lpn' | 'he' | 'torch';

interface Fan {
  /** Weights that meet one output. */
  readonly in: number;
  /** Weights that one input meets. */
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
    filled(normal(seed), size, deviation);
const symmetric =
  (bound: number): Filler =>
  (size, seed) => {
    const next = uniform(seed);
    return filled(() => 2 * next() - 1, size, bound);
  };

const SCHEMES: Readonly<
  Record<Initialization, { kernel: (fan: Fan) => Filler; bias: (fan: Fan, layer: string) => Filler }>
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
  torch: {
    kernel: (fan) => symmetric(1 / Math.sqrt(fan.in)),
    bias: (fan) => symmetric(1 / Math.sqrt(fan.in)),
  },
};

/**
 * Fans as PyTorch counts them, from the kernel's tfjs shape. A transposed kernel it reads as if it were a convolution's, [out, in, h, w]:
 * its [h, w, out, in] here then needs no case of its own.
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
 * Sets every convolution of a network (kernels and biases) by the named scheme. Each weight's numbers depend on the seed and its own name alone,
 * so two networks that share a layer share its start.
 *
 * @example initialize(network, 'lpn', { seed: 1 })
 */
export function initialize(network: LayersModel, scheme: Initialization, { seed = 0 }: { seed?: number } = {}): void {
  const rules = SCHEMES[scheme];
  if (!rules) {
    throw new RangeError(
      `initialize: scheme must be one of ${Object.keys(SCHEMES).join(', ')}. Received: ${String(scheme)}.`,
    );
  }
  for (const layer of network.layers) {
    const variables = layer.weights as unknown as Variable[];
    const kernel = variables.find(({ originalName }) => /\/(depthwise_)?kernel$/.test(originalName));
    if (!kernel) continue;
    const fan = fanOf(layer.getClassName(), kernel.shape);
    for (const variable of variables) {
      const fill = variable === kernel ? rules.kernel(fan) : rules.bias(fan, layer.name);
      const size = variable.shape.reduce((a, b) => a * b, 1);
      tf.tidy(
        () => void variable.write(tf.tensor(fill(size, hash(variable.originalName) ^ seed), [...variable.shape])),
      );
    }
  }
}
