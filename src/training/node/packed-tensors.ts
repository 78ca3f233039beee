import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Tensors in any nesting of lists and objects, as they travel to a thread. */
export type Packed =
  | {
      readonly shape: readonly number[];
      readonly values: Float32Array | Int32Array | Uint8Array;
      readonly dtype: tf.DataType;
    }
  | readonly Packed[]
  | { readonly [key: string]: Packed };

/** Reads the rows from `from` to before `to` of every tensor, which all have the same number of rows. */
export async function packRows(
  value: unknown,
  ranges: readonly (readonly [from: number, to: number])[],
): Promise<Packed[]> {
  if (value instanceof tf.Tensor) return packTensor(value, ranges);
  if (Array.isArray(value)) {
    const each = await Promise.all(value.map((item) => packRows(item, ranges)));
    return ranges.map((_, i) => each.map((parts) => parts[i]!));
  }
  if (typeof value === 'object' && value !== null) {
    const each = await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await packRows(item, ranges)] as const)); // prettier-ignore
    return ranges.map((_, i) => Object.fromEntries(each.map(([key, parts]) => [key, parts[i]!])));
  }
  throw new TypeError(
    `trainingTeam: targets must be tensors, or lists or objects of them. Received: ${String(value)}.`,
  );
}

async function packTensor(tensor: Tensor, ranges: readonly (readonly [number, number])[]): Promise<Packed[]> {
  const [rows, ...rest] = tensor.shape;
  const row = rest.reduce((a, b) => a * b, 1);
  const last = ranges.at(-1)![1];
  if (rows !== last)
    throw new RangeError(`trainingTeam: every tensor of a batch must have ${last} rows, one per person. Received: [${tensor.shape.join(', ')}].`); // prettier-ignore
  const values = (await tensor.data()) as Float32Array;
  return ranges.map(([from, to]) => ({ shape: [to - from, ...rest], values: values.slice(from * row, to * row), dtype: tensor.dtype })); // prettier-ignore
}

/** The tensors again; they belong to the caller. */
export function unpack(packed: Packed): unknown {
  if (isList(packed)) return packed.map(unpack);
  if (!('values' in packed && ArrayBuffer.isView(packed.values)))
    return Object.fromEntries(Object.entries(packed).map(([key, item]) => [key, unpack(item as Packed)]));
  const { values, shape, dtype } = packed as { values: Float32Array; shape: number[]; dtype: tf.DataType };
  return tf.tensor(values, shape, dtype);
}

const isList = (packed: Packed): packed is readonly Packed[] => Array.isArray(packed);
