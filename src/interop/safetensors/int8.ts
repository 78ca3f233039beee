import type { StateDict, StateTensor } from '../state-dict';

/** Suffix of the name of a tensor's scales. */
const SUFFIX = '.int8_scale';

/** A tensor as 8-bit integers, and the scale of each slice of its first axis. */
export interface Int8Tensor {
  readonly shape: readonly number[];
  readonly data: Int8Array;
  readonly scales: Float32Array;
}

/** The name of a tensor's scales. */
export const scalesOf = (name: string): string => `${name}${SUFFIX}`;

/** A filter as integers up to 127, scaled per output channel by its largest weight; undefined for vectors, which are few and need more precision. */
export function toInt8({ shape, data }: StateTensor): Int8Tensor | undefined {
  const channels = shape[0] ?? 0;
  if (shape.length < 2 || data.length <= channels) return undefined;
  const each = data.length / channels;
  const scales = new Float32Array(channels);
  const whole = new Int8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    let most = 0;
    for (let i = channel * each; i < (channel + 1) * each; i++) most = Math.max(most, Math.abs(data[i]!));
    if (most === 0) continue;
    scales[channel] = most / 127;
    for (let i = channel * each; i < (channel + 1) * each; i++) whole[i] = Math.round((data[i]! / most) * 127);
  }
  return { shape, data: whole, scales };
}

/** Multiplies integer tensors by their scales, and removes the scales. */
export function expandInt8(tensors: StateDict, fail: (what: string) => never): Record<string, StateTensor> {
  const expanded: Record<string, StateTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.endsWith(SUFFIX)) {
      if (!Object.hasOwn(tensors, name.slice(0, -SUFFIX.length))) fail(`${name} must have a tensor. Received: none.`);
      continue;
    }
    const scales = Object.hasOwn(tensors, scalesOf(name)) ? tensors[scalesOf(name)]! : undefined;
    if (scales && scales.data.length !== tensor.shape[0]) {
      fail(`${name} must have ${tensor.shape[0] ?? 0} scales. Received: ${scales.data.length}.`);
    }
    const each = tensor.data.length / (tensor.shape[0] ?? 1);
    expanded[name] = scales
      ? { ...tensor, data: tensor.data.map((value, i) => value * scales.data[Math.floor(i / each)]!) }
      : tensor;
  }
  return expanded;
}
