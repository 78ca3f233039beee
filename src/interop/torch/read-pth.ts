import { NUMBER_TYPES, readZip, type NumberType } from '../../bytes';
import type { StateTensor } from '../state-dict';
import { Foreign, unpickle } from './unpickle';

/** Storages by PyTorch's name. */
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

/** Numbers that tensors share; in old files they come after the pickle that speaks of them. */
interface Storage {
  readonly type: string;
  readonly key: string;
  data?: Float32Array;
}

/** A tensor as its pickle describes it. */
class Lazy {
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

const WHERE = 'readPth';
const fail = (what: string, cause?: unknown): never => {
  throw new RangeError(`${WHERE}: ${what}`, { cause });
};

function decode(type: string, bytes: Uint8Array): Float32Array {
  const { bytes: size, read } = STORAGES[type] ?? fail(`tensors must be of plain numbers. Received: a ${type}.`);
  if (bytes.length % size !== 0) fail(`a ${type} must be whole. Received: ${bytes.length} bytes.`);
  return read(Uint8Array.from(bytes).buffer);
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);

function rebuild(storage: unknown, offset: unknown, shape: unknown, strides: unknown): Lazy {
  const fits = isCounts(shape) && isCounts(strides) && shape.length === strides.length && isCounts([offset]);
  if (!fits || !(storage instanceof Object) || !('key' in storage))
    return fail(`a tensor must have a storage, a shape and strides. Received: [${String(shape)}].`);
  return new Lazy(storage as Storage, offset as number, shape, strides);
}

/** Everything that a checkpoint's pickle may call. Whatever else it names stays a name. */
const GLOBALS: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  'collections.OrderedDict': (pairs) => new Map(Array.isArray(pairs) ? (pairs as [unknown, unknown][]) : []),
  'torch._utils._rebuild_tensor_v2': rebuild,
  'torch._utils._rebuild_tensor': rebuild,
  'torch._utils._rebuild_parameter': (data) => data,
  'torch._utils._rebuild_parameter_with_state': (data) => data,
  'torch.Size': (shape) => shape,
};

/** `('storage', FloatStorage, '0', 'cpu', 4)` → one storage for one key. */
function storagesOf(load: (key: string, type: string) => Float32Array | undefined): {
  storages: Map<string, Storage>;
  persistent: (id: unknown) => unknown;
} {
  const storages = new Map<string, Storage>();
  const persistent = (id: unknown): unknown => {
    const [kind, type, key] = Array.isArray(id) ? (id as unknown[]) : [];
    if (kind !== 'storage' || !(type instanceof Foreign))
      return fail(`a persistent id must be a storage. Received: ${String(id)}.`);
    const name = String(key);
    const known = storages.get(name);
    if (known) return known;
    const kindOf = type.global.replace(/^torch\.(cuda\.)?/, '');
    const data = load(name, kindOf);
    const storage: Storage = { type: kindOf, key: name, ...(data && { data }) };
    storages.set(name, storage);
    return storage;
  };
  return { storages, persistent };
}

function parse(bytes: Uint8Array, from: number, persistent: (id: unknown) => unknown): { value: unknown; end: number } {
  try {
    return unpickle(bytes, from, { globals: GLOBALS, persistent });
  } catch (cause) {
    if ((cause as Error).message.startsWith(WHERE)) throw cause;
    return fail(`the file must hold a readable pickle. Received: ${(cause as Error).message}.`, cause);
  }
}

/** A ZIP archive of `data.pkl` and `data/KEY`, since PyTorch 1.6. */
function fromZip(bytes: Uint8Array): unknown {
  const files = readZip(bytes, WHERE);
  const pickle = [...files.keys()].find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle === undefined) {
    const hint = [...files.keys()].some((name) => name.includes('constants.pkl')) ? ' a TorchScript file;' : '';
    return fail(`the archive must be one of torch.save.${hint} Received: ${[...files.keys()].slice(0, 5).join(', ')}.`);
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = files.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order).trim() === 'big') fail('numbers must be little-endian. Received: big.');
  const { persistent } = storagesOf((key, type) => {
    const file = files.get(`${folder}data/${key}`) ?? fail(`the archive must be whole. Received: none of data/${key}.`);
    return decode(type, file);
  });
  return parse(files.get(pickle)!, 0, persistent).value;
}

/** Before: pickles of a magic number, a version, the system, the object and the storages' keys, then the storages. */
function fromStream(bytes: Uint8Array): unknown {
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
  for (const key of Array.isArray(keys) ? keys.map(String) : []) {
    const storage = storages.get(key) ?? fail(`storage ${key} must be spoken of. Received: nothing.`);
    const size = STORAGES[storage.type]?.bytes ?? 0;
    const count = at + 8 <= bytes.length ? Number(view.getBigInt64(at, true)) : -1;
    const end = at + 8 + count * size;
    if (count < 0 || end > bytes.length)
      fail(`the file must be whole. Received: ${bytes.length} bytes, cut short in storage ${key}.`);
    storage.data = decode(storage.type, bytes.subarray(at + 8, end));
    at = end;
  }
  return value;
}

const isDense = ({ shape, strides }: Lazy): boolean => {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
};

/** The numbers of a tensor, row-major, whichever order they are stored in. */
function materialize(name: string, tensor: Lazy): StateTensor {
  const { storage, offset, shape, strides } = tensor;
  const count = shape.reduce((a, b) => a * b, 1);
  const last = count === 0 ? offset - 1 : shape.reduce((at, size, axis) => at + (size - 1) * strides[axis]!, offset);
  if (!storage.data || last >= storage.data.length) {
    return fail(`${name} must lie within its storage. Received: number ${last} of ${storage.data?.length ?? 0}.`);
  }
  if (isDense(tensor)) return { shape, data: storage.data.slice(offset, offset + count) };
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

/** Where trainers keep the weights, in the order in which they are tried. */
const USUAL = ['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'ema_state_dict'];
const holdsTensors = (value: unknown): value is Map<string, unknown> =>
  value instanceof Map && [...value.values()].some((each) => each instanceof Lazy);

function tensorsIn(value: unknown, key: string | undefined): Map<string, unknown> {
  const keys = value instanceof Map ? [...value.keys()].map(String) : [];
  if (key !== undefined) {
    const found = value instanceof Map ? value.get(key) : undefined;
    return holdsTensors(found) ? found : fail(`${key} must hold tensors. Received: keys ${keys.join(', ')}.`);
  }
  if (holdsTensors(value)) return value;
  const usual = USUAL.find((name) => value instanceof Map && holdsTensors(value.get(name)));
  if (usual !== undefined) return (value as Map<string, Map<string, unknown>>).get(usual)!;
  if (value instanceof Foreign) {
    return fail(
      `the file must hold a state dict. Received: a whole ${value.global}. In Python, save module.state_dict() instead.`,
    );
  }
  return fail(
    `the file must hold a state dict. Received: keys ${keys.slice(0, 10).join(', ') || 'none'}. Name one with { key }.`,
  );
}

/**
 * Reads the tensors of a PyTorch checkpoint, `.pth` or `.pt`, of any version of `torch.save`, in single precision whatever they are kept in. The file's pickle is
 * read as data: nothing in it can run, and objects that are no tensors are passed over.
 *
 * @throws RangeError when the file is cut short or damaged, is none, or holds no state dict.
 * @example loadStateDict(network, readPth(await readFile('lpn_50_256x192.pth')), { rename: (key) => key.replace(/^module\./, '') })
 */
export function readPth(
  bytes: Uint8Array,
  {
    key,
  }: {
    /** Where a checkpoint of several things keeps the weights. @defaultValue `state_dict`, `model`, … whichever is there */
    key?: string;
  } = {},
): Record<string, StateTensor> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  // Protocol 2, and a LONG1 of ten bytes: PyTorch's magic number.
  const isStream = bytes[0] === 0x80 && bytes[2] === 0x8a && bytes[3] === 10;
  if (!isZip && !isStream)
    fail(`the bytes must be a file of torch.save. Received: ${bytes.length} bytes of something else.`);
  const tensors = tensorsIn(isZip ? fromZip(bytes) : fromStream(bytes), key);
  return Object.fromEntries(
    [...tensors].flatMap(([name, tensor]) => (tensor instanceof Lazy ? [[name, materialize(name, tensor)]] : [])),
  );
}
