import { writeZip } from 'poseblocks/bytes';

/** Pickle instructions as bytes, to write files that Python would not. */
const bytes = (...parts: readonly (number | string | Uint8Array | readonly number[])[]): Uint8Array => {
  const chunks = parts.map((part) =>
    typeof part === 'number' ? Uint8Array.of(part) : typeof part === 'string' ? new TextEncoder().encode(part) : Uint8Array.from(part)); // prettier-ignore
  return concat(chunks);
};
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  chunks.reduce((at, chunk) => (out.set(chunk, at), at + chunk.length), 0);
  return out;
}
export const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
export const u64 = (value: number): number[] => [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];

export const op = {
  proto: bytes(0x80, 2),
  stop: bytes('.'),
  mark: bytes('('),
  emptyDict: bytes('}'),
  emptyList: bytes(']'),
  emptyTuple: bytes(')'),
  setItems: bytes('u'),
  tuple: bytes('t'),
  list: bytes('l'),
  append: bytes('a'),
  reduce: bytes('R'),
  persistent: bytes('Q'),
  tuple2: bytes(0x86),
  text: (value: string) => bytes('X', u32(value.length), value),
  /** Of up to eight bytes. */
  int: (value: number) => (value < 2 ** 31 ? bytes('J', u32(value)) : bytes(0x8a, 8, u64(value))),
  long4: (data: Uint8Array) => bytes(0x8b, u32(data.length), data),
  global: (module: string, name: string) => bytes('c', `${module}\n${name}\n`),
  put: (index: number) => bytes('r', u32(index)),
  get: (index: number) => bytes('j', u32(index)),
};

/** A list of two references to a list of two references to … : 2^depth members in a few bytes each. */
export const sharedLists = (depth: number, from = 1000): Uint8Array =>
  concat([
    op.emptyList,
    op.put(from),
    ...Array.from({ length: depth }, (_, i) =>
      concat([op.mark, op.get(from + i), op.get(from + i), op.list, op.put(from + i + 1)])),
  ]); // prettier-ignore

export const storage = (key: Uint8Array = op.text('0'), type = 'FloatStorage'): Uint8Array =>
  concat([
    op.mark,
    op.text('storage'),
    op.global('torch', type),
    key,
    op.text('cpu'),
    op.int(4),
    op.tuple,
    op.persistent,
  ]);

export const numbers = (values: readonly number[]): Uint8Array => concat([op.mark, ...values.map(op.int), op.tuple]);

/** `_rebuild_tensor_v2(storage, offset, shape, strides)`. */
export const tensor = (of: Uint8Array, shape: Uint8Array, strides: Uint8Array): Uint8Array =>
  concat([
    op.global('torch._utils', '_rebuild_tensor_v2'),
    op.mark, of, op.int(0), shape, strides, op.tuple,
    op.reduce,
  ]); // prettier-ignore

/** A dictionary of these members as a file of `torch.save`. */
export const pth = (members: readonly Uint8Array[], data: Record<string, Uint8Array> = {}): Uint8Array =>
  pthOf(concat([op.emptyDict, op.mark, ...members, op.setItems]), data);

export function pthOf(object: Uint8Array, data: Record<string, Uint8Array> = {}): Uint8Array {
  const files = Object.entries(data).map(([key, value]) => [`a/data/${key}`, value] as const);
  return writeZip({ 'a/data.pkl': concat([op.proto, object, op.stop]), ...Object.fromEntries(files) });
}

/** PyTorch's format before ZIP: the magic number, the version, the system, the object, the storages' keys. */
export const legacyPth = (object: Uint8Array, keys: Uint8Array = op.emptyList, protocol = op.proto): Uint8Array => {
  const magic = bytes(0x8a, 10, [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]);
  return concat([magic, op.int(1001), op.emptyDict, object, keys].flatMap((part) => [protocol, part, op.stop]));
};
