import { NUMBER_TYPES, numbersBudget, readZip, shown, shownNames, Budget, type NumberType } from '../../bytes';
import type { StateTensor } from '../state-dict';
import { tensorsIn } from './find-tensors';
import { fail, materialize, Storage, StoredTensor, WHERE } from './stored-tensor';
import { Foreign, unpickle } from './unpickle';

/** Storage types by PyTorch's name. */
const STORAGES: Readonly<Record<string, NumberType>> = {
  FloatStorage: NUMBER_TYPES.float32,
  HalfStorage: NUMBER_TYPES.float16,
  BFloat16Storage: NUMBER_TYPES.bfloat16,
  DoubleStorage: NUMBER_TYPES.float64,
  LongStorage: NUMBER_TYPES.int64,
  IntStorage: NUMBER_TYPES.int32,
  ShortStorage: NUMBER_TYPES.int16,
  CharStorage: NUMBER_TYPES.int8,
  ByteStorage: NUMBER_TYPES.uint8,
  BoolStorage: NUMBER_TYPES.uint8,
};

function decode(type: string, bytes: Uint8Array, budget: Budget): Float32Array {
  const known = Object.hasOwn(STORAGES, type) ? STORAGES[type] : undefined;
  const { bytes: size, read } = known ?? fail(`tensors must be of plain numbers. Received: a ${shownNames([type])}.`);
  if (bytes.length % size !== 0) fail(`a ${type} must be complete. Received: ${bytes.length} bytes.`);
  budget.spend((4 * bytes.length) / size, `a ${type}`);
  return read(Uint8Array.from(bytes).buffer);
}

/** Maximum number of axes; weights of networks have fewer. */
const MOST_AXES = 32;
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every((each) => Number.isSafeInteger(each) && each >= 0);

function rebuild(storage: unknown, offset: unknown, shape: unknown, strides: unknown): StoredTensor {
  const fits = isCounts(shape) && isCounts(strides) && shape.length === strides.length && isCounts([offset]);
  if (!fits || !(storage instanceof Storage))
    return fail(`a tensor must have a storage, a shape and strides. Received: ${shown(shape)}.`);
  return new StoredTensor(storage, offset as number, shape, strides);
}

/** The pairs that Python 2 adds to a dictionary at once; later versions add them one by one. */
function dictionary(pairs: unknown, steps: Budget): Map<string | number, unknown> {
  const made = new Map<string | number, unknown>();
  if (!Array.isArray(pairs)) return made;
  steps.spend(pairs.length, 'members of dictionaries');
  for (const pair of pairs as unknown[]) {
    const [key, value] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [];
    if (typeof key === 'string' || typeof key === 'number') made.set(key, value);
  }
  return made;
}

/** The functions that a checkpoint's pickle may call. Any other name stays a name. */
const globalsOf = (steps: Budget): Readonly<Record<string, (...args: readonly unknown[]) => unknown>> => ({
  'collections.OrderedDict': (pairs) => dictionary(pairs, steps),
  'torch._utils._rebuild_tensor_v2': rebuild,
  'torch._utils._rebuild_tensor': rebuild,
  'torch._utils._rebuild_parameter': (data) => data,
  'torch._utils._rebuild_parameter_with_state': (data) => data,
  'torch.Size': (shape) => shape,
});

/** PyTorch numbers its storages. */
const LONGEST_KEY = 64;

/** `('storage', FloatStorage, '0', 'cpu', 4)` → one storage per key. */
function storagesOf(load: (key: string, type: string) => Float32Array | undefined): {
  storages: Map<string, Storage>;
  persistent: (id: unknown) => unknown;
} {
  const storages = new Map<string, Storage>();
  const persistent = (id: unknown): unknown => {
    const [kind, type, key] = Array.isArray(id) ? (id as unknown[]) : [];
    if (kind !== 'storage' || !(type instanceof Foreign))
      return fail(`a persistent id must be a storage. Received: ${shown(id)}.`);
    if ((typeof key !== 'string' && typeof key !== 'number') || String(key).length > LONGEST_KEY)
      return fail(`a storage must have a short key. Received: ${shown(key)}.`);
    const name = String(key);
    const known = storages.get(name);
    if (known) return known;
    const kindOf = type.global.replace(/^torch\.(cuda\.)?/, '');
    const storage = new Storage(kindOf, load(name, kindOf));
    storages.set(name, storage);
    return storage;
  };
  return { storages, persistent };
}

function parse(bytes: Uint8Array, from: number, persistent: (id: unknown) => unknown): { value: unknown; end: number } {
  try {
    return unpickle(bytes, from, { globals: globalsOf(new Budget(WHERE, bytes.length, 'its size')), persistent });
  } catch (cause) {
    if ((cause as Error).message.startsWith(WHERE)) throw cause;
    return fail(`the file must hold a readable pickle. Received: ${shownNames([(cause as Error).message])}.`, cause);
  }
}

/** The contents of a checkpoint, and the remaining budget for copying its tensors. */
interface Contents {
  readonly value: unknown;
  readonly budget: Budget;
}

/** A ZIP archive of `data.pkl` and `data/KEY`, since PyTorch 1.6. */
function fromZip(bytes: Uint8Array): Contents {
  const files = readZip(bytes, WHERE);
  const unpacked = [...files.values()].reduce((sum, file) => sum + file.length, 0);
  const budget = numbersBudget(WHERE, Math.max(bytes.length, unpacked));
  const pickle = [...files.keys()].find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle === undefined) {
    const hint = [...files.keys()].some((name) => name.includes('constants.pkl')) ? ' a TorchScript file;' : '';
    return fail(`the archive must be written by torch.save.${hint} Received: ${shownNames(files.keys())}.`);
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = files.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order).trim() === 'big') fail('numbers must be little-endian. Received: big.');
  const { persistent } = storagesOf((key, type) => {
    const file =
      files.get(`${folder}data/${key}`) ?? fail(`the archive must be complete. Received: none of data/${key}.`);
    return decode(type, file, budget);
  });
  const { value } = parse(files.get(pickle)!, 0, persistent);
  return { value, budget };
}

/** Before that: pickles of a magic number, a version, the system, the object and the storages' keys, then the storages. */
function fromStream(bytes: Uint8Array): Contents {
  const budget = numbersBudget(WHERE, bytes.length);
  const { storages, persistent } = storagesOf(() => undefined);
  let at = 0;
  const next = (): unknown => {
    const { value, end } = parse(bytes, at, persistent);
    at = end;
    return value;
  };
  for (let i = 0; i < 3; i++) next();
  const value = next();
  const keys = next();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const key of Array.isArray(keys) ? (keys as unknown[]) : []) {
    const storage =
      (typeof key === 'string' || typeof key === 'number' ? storages.get(String(key)) : undefined) ??
      fail(`storage ${shown(key)} must belong to a tensor. Received: one that no tensor uses.`);
    if (storage.data) fail(`storage ${shown(key)} must be in the file once. Received: twice.`);
    const size = STORAGES[storage.type]?.bytes ?? 0;
    const count = at + 8 <= bytes.length ? Number(view.getBigInt64(at, true)) : -1;
    const end = at + 8 + count * size;
    if (count < 0 || end > bytes.length)
      fail(`the file must be complete. Received: ${bytes.length} bytes, truncated in storage ${shown(key)}.`);
    storage.data = decode(storage.type, bytes.subarray(at + 8, end), budget);
    at = end;
  }
  return { value, budget };
}

/** PyTorch's files before ZIP start with a pickle of a magic number; from protocol 4 on, a frame precedes it. */
function isStream(bytes: Uint8Array): boolean {
  const from = bytes[2] === 0x95 ? 11 : 2;
  return bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes[from] === 0x8a && bytes[from + 1] === 10;
}

/**
 * Reads the tensors of a PyTorch checkpoint, `.pth` or `.pt`, of any version of `torch.save`, in single precision whatever their stored type. The file's pickle is
 * read as data: nothing in it can run, and objects that are not tensors are skipped.
 *
 * Bounds: time and memory are proportional to the file's size, memory at most eight times (for a compressed archive, of its decompressed size). Tensors that share a storage also
 * share the memory of the result.
 *
 * @param bytes of the file that `torch.save` wrote
 * @throws RangeError when the file is truncated, damaged or not a checkpoint, holds no state dict, or would need more memory than that.
 * @example loadStateDict(network, readPth(await readFile('lpn_50_256x192.pth')), { prefix: 'module.' })
 */
export function readPth(
  bytes: Uint8Array,
  {
    key,
  }: {
    /** Key of the weights in a checkpoint with several parts, or a path to them: `'generator.state_dict'`. @defaultValue `state_dict`, `model`, … whichever exists */
    key?: string;
  } = {},
): Record<string, StateTensor> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip && !isStream(bytes))
    fail(`the bytes must be a file of torch.save. Received: ${bytes.length} bytes in another format.`);
  const { value, budget } = isZip ? fromZip(bytes) : fromStream(bytes);
  const tensors = tensorsIn(value, key);
  const out: [string, StateTensor][] = [];
  for (const [name, tensor] of tensors)
    if (tensor instanceof StoredTensor && (typeof name === 'string' || typeof name === 'number'))
      out.push([String(name), materialize(name, tensor, budget)]);
  return Object.fromEntries(out);
}
