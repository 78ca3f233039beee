import { boundedText, shownNames, type Budget } from '../../bytes';
import type { StateTensor } from '../state-dict';

/** Numbers that tensors share; in old files they follow the pickle that refers to them. */
export class Storage {
  readonly type: string;
  data: Float32Array | undefined;

  constructor(type: string, data: Float32Array | undefined) {
    this.type = type;
    this.data = data;
  }
}

/** A tensor as described in its pickle. */
export class StoredTensor {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** The function that errors name. */
export const WHERE = 'readPth';

/** Refuses a file. */
export const fail = (what: string, cause?: unknown): never => {
  throw new RangeError(`${WHERE}: ${boundedText(what)}`, { cause });
};

const isDense = ({ shape, strides }: StoredTensor): boolean => {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
};

/** The numbers of a tensor, row-major, whatever order they are stored in: a view of its storage where they are contiguous, otherwise a copy. */
export function materialize(key: unknown, tensor: StoredTensor, budget: Budget): StateTensor {
  const name = shownNames([key]);
  const { storage, offset, shape, strides } = tensor;
  const count = shape.reduce((a, b) => a * b, 1);
  const last = count === 0 ? offset - 1 : shape.reduce((at, size, axis) => at + (size - 1) * strides[axis]!, offset);
  if (!storage.data || !Number.isSafeInteger(count) || !(last < storage.data.length)) {
    return fail(`${name} must lie within its storage. Received: number ${last} of ${storage.data?.length ?? 0}.`);
  }
  if (isDense(tensor)) return { shape, data: storage.data.subarray(offset, offset + count) };
  budget.spend(4 * count, name);
  const data = new Float32Array(count);
  const index = shape.map(() => 0);
  for (let i = 0, from = offset; i < count; i++) {
    data[i] = storage.data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, data };
}
