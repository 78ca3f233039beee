import { Budget } from '../budget';
import { NUMBER_TYPES } from '../numbers';
import { shown, shownNames } from '../shown';
import { SIGNATURE, type Dataset } from './write-hdf5';

/** Maximum nesting of groups; models nest less. A tree with 8 levels has more leaves than a file has bytes. */
const DEEPEST = 32;
const DEEPEST_TREE = 16;
const LONGEST_NAME = 1024;

interface Place {
  /** Address of the names of the group's members. */
  readonly heap: number;
  readonly path: string;
  readonly depth: number;
  /** Address of the tree. */
  readonly level: number;
}

interface Message {
  readonly type: number;
  /** Start of its body. */
  readonly at: number;
}

/** By class and size in bytes. */
const NUMBERS: Readonly<Record<string, keyof typeof NUMBER_TYPES>> = {
  'float 2': 'float16',
  'float 4': 'float32',
  'float 8': 'float64',
  'unsigned 1': 'uint8',
  'unsigned 4': 'uint32',
  'unsigned 8': 'uint64',
  'signed 1': 'int8',
  'signed 4': 'int32',
  'signed 8': 'int64',
};

/**
 * The numeric datasets of an HDF5 file by path, in single precision. It reads files as h5py writes them by default, with old-style groups and
 * contiguous data, such as Keras weights.
 *
 * Bounds: each node, object and byte of data is read once; groups may be nested 32 deep.
 *
 * @param where name of the file in errors
 * @throws RangeError when the file is truncated, is not HDF5, or uses an unsupported feature: chunked, compressed, big-endian, `libver='latest'`.
 * @example readHdf5(await readFile('model.weights.h5')).get('layers/dense/vars/0')?.shape
 */
export function readHdf5(bytes: Uint8Array, where = 'readHdf5'): Map<string, Dataset> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (what: string): never => {
    throw new RangeError(`${where}: ${what}`);
  };
  const u64 = (at: number): number => Number(view.getBigUint64(at, true));
  const named = (at: number, name: string): boolean =>
    [...name].every((c, i) => view.getUint8(at + i) === c.charCodeAt(0));
  const datasets = new Map<string, Dataset>();
  const entered = new Set<number>();
  /** Visited nodes of trees; each belongs to one group. */
  const walked = new Set<number>();
  // Messages, children and symbols take at least eight bytes, and different datasets use different bytes.
  const steps = new Budget(where, bytes.length / 8 + 64, 'an eighth of its bytes');
  const room = new Budget(where, bytes.length, 'its own bytes');

  function messages(header: number): Message[] {
    const version = view.getUint8(header);
    if (version !== 1)
      fail(`objects must have headers of version 1. Received: ${version}. Write with h5py's default libver.`);
    let left = view.getUint16(header + 2, true);
    steps.spend(left, 'messages');
    const found: Message[] = [];
    const blocks: [at: number, size: number][] = [[header + 16, view.getUint32(header + 8, true)]];
    for (let block = blocks.shift(); block; block = blocks.shift()) {
      for (let at = block[0]; left > 0 && at + 8 <= block[0] + block[1]; left--) {
        const [type, size] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
        if (type === 0x10) blocks.push([u64(at + 8), u64(at + 16)]);
        else found.push({ type, at: at + 8 });
        at += 8 + size;
      }
    }
    return found;
  }

  function dataset(path: string, found: readonly Message[]): void {
    const called = shownNames([path]);
    const body = (type: number): number =>
      (found.find((each) => each.type === type) ?? fail(`${called} must be whole. Received: no message ${type}.`)).at;
    const [space, kind, layout] = [body(0x01), body(0x03), body(0x08)];
    const first = view.getUint8(space) === 1 ? space + 8 : space + 4;
    const shape = Array.from({ length: view.getUint8(space + 1) }, (_, i) => u64(first + 8 * i));
    const count = shape.reduce((a, b) => a * b, 1);
    if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(count))
      fail(`${called} must have a shape of whole numbers. Received: ${shown(shape)}.`);
    const [type, bits, size] = [view.getUint8(kind) & 15, view.getUint8(kind + 1), view.getUint32(kind + 4, true)];
    const name = `${type === 1 ? 'float' : type === 0 ? (bits & 8 ? 'signed' : 'unsigned') : `class ${type} of`} ${size}`;
    const named = NUMBERS[name];
    if (!named || bits & 1)
      return type > 1 ? undefined : fail(`${called} must be little-endian numbers. Received: ${name} bytes.`);
    const numbers = NUMBER_TYPES[named];
    const [version, storage] = [view.getUint8(layout), view.getUint8(layout + 1)];
    if (version !== 3 || storage > 1)
      fail(
        `${called} must be stored in one piece. Received: layout ${version}, class ${storage}. Write it without chunks.`,
      );
    const address = storage === 1 ? u64(layout + 2) : layout + 4;
    if (count > 0 && address + count * size > bytes.length)
      fail(`${called} must lie within the file. Received: byte ${address} of ${bytes.length}.`);
    room.spend(count * size, called);
    const raw = count === 0 ? new Uint8Array(0) : Uint8Array.from(bytes.subarray(address, address + count * size));
    datasets.set(path, { shape, data: numbers.read(raw.buffer) });
  }

  function node(at: number, { heap, path, depth, level }: Place): void {
    const called = path === '' ? 'the root' : shownNames([path]);
    if (walked.has(at)) fail(`${called} must be a tree. Received: the node at byte ${at} twice.`);
    walked.add(at);
    const count = view.getUint16(at + 6, true);
    steps.spend(count, `members of ${called}`);
    if (named(at, 'TREE')) {
      if (level > DEEPEST_TREE) fail(`${called} must be a tree of at most ${DEEPEST_TREE} levels. Received: more.`);
      for (let i = 0; i < count; i++) node(u64(at + 32 + 16 * i), { heap, path, depth, level: level + 1 });
    } else if (named(at, 'SNOD')) {
      for (let i = 0; i < count; i++) {
        const from = heap + u64(at + 8 + 40 * i);
        const end = bytes.subarray(from, from + LONGEST_NAME + 1).indexOf(0);
        if (end < 0) fail(`names in ${called} must have at most ${LONGEST_NAME} bytes. Received: more.`);
        const name = new TextDecoder().decode(bytes.subarray(from, from + end));
        object(path === '' ? name : `${path}/${name}`, u64(at + 8 + 40 * i + 8), depth);
      }
    } else fail(`${called} must be a group. Received: damage at byte ${at}.`);
  }

  function object(path: string, header: number, depth: number): void {
    if (entered.has(header)) return;
    entered.add(header);
    if (depth > DEEPEST)
      fail(`groups must be nested at most ${DEEPEST} deep. Received: more, in ${shownNames([path])}.`);
    const found = messages(header);
    const symbols = found.find(({ type }) => type === 0x11);
    if (!symbols) return found.some(({ type }) => type === 0x08) ? dataset(path, found) : undefined;
    node(u64(symbols.at), { heap: u64(u64(symbols.at + 8) + 24), path, depth: depth + 1, level: 0 });
  }

  if (!SIGNATURE.every((byte, i) => bytes[i] === byte))
    fail(`the bytes must be an HDF5 file. Received: ${bytes.length} others.`);
  if (bytes[8] !== 0)
    fail(`the superblock must be of version 0. Received: ${bytes[8]}. Write with h5py's default libver.`);
  try {
    object('', u64(64), 0);
  } catch (error) {
    if ((error as Error).message.startsWith(where)) throw error;
    fail(`the file must be whole. Received: ${shownNames([(error as Error).message])}.`);
  }
  return datasets;
}
