import { Budget, requireThat, shown, shownNames } from '../../bytes';
import { DatasetError } from '../fields';
import { elementAt, matError, TYPE, type MatSource } from './elements';
import { matrixOf } from './matrix';
import type { MatValue } from './values';

/** Options of {@link readMat}. */
export interface ReadMatOptions {
  /** Name of the file in errors. @defaultValue `'mat file'` */
  readonly source?: string;
  /** Only these variables are decompressed. @defaultValue all */
  readonly variables?: readonly string[];
  /** Maximum total bytes to decompress and decode, since a small file can claim any size. @defaultValue 64 times the file, and 16 MiB */
  readonly maxBytes?: number;
}

/** Bytes to decompress to read the name of a variable, which is in its first bytes. */
const HEAD = 512;

/**
 * Reads a MATLAB file of version 5 (from `save` with `-v6` or `-v7`, scipy's `savemat`, Octave with `-v6`
 * or `-v7`): numbers of every type, text, cells, structs, compressed or not, of either byte order.
 *
 * Follows MathWorks, "MAT-File Format" (R2023b). Cells and struct fields are decoded on request. Sparse
 * matrices, function handles and objects are listed but not decoded.
 *
 * @returns the variables by name.
 * @throws DatasetError naming the file and the position when the file is damaged, has version 4 or 7.3 (HDF5), or claims more than
 *   `maxBytes`.
 * @example
 * const joints = (await readMat(bytes, { source: 'joints.mat' })).get('joints'); // { kind: 'numeric', shape, data }
 */
export async function readMat(bytes: Uint8Array, options: ReadMatOptions = {}): Promise<ReadonlyMap<string, MatValue>> {
  requireThat(bytes instanceof Uint8Array, options.source ?? 'mat file', 'bytes must be those of a MATLAB file, a Uint8Array', bytes, 'In Node: await readFile(path).'); // prettier-ignore
  const { source: name = 'mat file', variables, maxBytes = 64 * bytes.length + 2 ** 24 } = options;
  const budget = new Budget(name, maxBytes, `${maxBytes} bytes (raise maxBytes if this is right)`, DatasetError);
  const source = { ...header(bytes, name), budget };
  const found = new Map<string, MatValue>();
  for (let at = 128; at < bytes.length;) {
    const place = `variable ${found.size + 1}`;
    const element = elementAt(source, at, bytes.length, place);
    at = element.next;
    if (element.type !== TYPE.compressed) {
      const variable = matrixOf(source, element, place);
      if (variables?.includes(variable.name) ?? true) found.set(variable.name, variable.value);
      continue;
    }
    const packed = bytes.subarray(element.from, element.until);
    if (variables !== undefined) {
      const head = await firstBytes(packed, HEAD, source, place);
      if (!variables.includes(variableName(source, head))) continue;
    }
    const plain = await inflate(packed, source, place);
    const inner = { ...source, view: new DataView(plain.buffer, plain.byteOffset, plain.length) };
    const variable = matrixOf(inner, elementAt(inner, 0, plain.length, place), place);
    if (variables?.includes(variable.name) ?? true) found.set(variable.name, variable.value);
  }
  return found;
}

function header(bytes: Uint8Array, name: string): Omit<MatSource, 'budget'> {
  const text = String.fromCharCode(...bytes.subarray(0, 19));
  const version = bytes.length < 128 ? 0 : Math.max(bytes[124]!, bytes[125]!);
  if (version === 2 || text.startsWith('MATLAB 7.3') || text.startsWith('\x89HDF')) {
    throw new DatasetError(
      `${name}: must be a MAT file of version 5. Received: version 7.3 (HDF5). Save it with save(…, '-v7').`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const order = bytes.length < 128 ? '' : String.fromCharCode(bytes[126]!, bytes[127]!);
  if (order !== 'IM' && order !== 'MI') {
    throw new DatasetError(
      `${name}: must be a MAT file of version 5 (a header of 128 bytes ending in IM or MI). Received: ${bytes.length} bytes${order && ` ending in ${shown(order)}`}.`,
    );
  }
  return { view, littleEndian: order === 'IM', name };
}

/** The name in the first bytes of a decompressed matrix, after flags and dimensions. */
function variableName(source: MatSource, head: Uint8Array): string {
  const inner = { ...source, view: new DataView(head.buffer, head.byteOffset, head.length) };
  let at = 8;
  for (let skip = 0; skip < 2; skip++) at = elementAt(inner, at, head.length, 'variable').next;
  const { from, until } = elementAt(inner, at, head.length, 'variable (name)');
  return new TextDecoder().decode(head.subarray(from, until));
}

/** zlib by the platform's decompressor, chunk by chunk. */
async function* pieces(packed: Uint8Array, source: MatSource, place: string): AsyncGenerator<Uint8Array, void> {
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    throw matError(
      source,
      place,
      `must hold zlib-compressed data. Received: ${shownNames([(error as Error).message])}.`,
    );
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The first decompressed bytes. */
async function firstBytes(packed: Uint8Array, count: number, source: MatSource, place: string): Promise<Uint8Array> {
  const head = new Uint8Array(count);
  let size = 0;
  for await (const piece of pieces(packed, source, place)) {
    head.set(piece.subarray(0, count - size), size);
    size = Math.min(count, size + piece.length);
    if (size === count) break;
  }
  return head.subarray(0, size);
}

/** A whole element. Its first bytes give its length, so it is held once, within the file's budget. */
async function inflate(packed: Uint8Array, source: MatSource, place: string): Promise<Uint8Array> {
  const head = await firstBytes(packed, 8, source, place);
  if (head.length < 8) throw matError(source, place, `must hold an element. Received: ${head.length} bytes.`);
  const inner = { ...source, view: new DataView(head.buffer, head.byteOffset, head.length) };
  const { from, until } = elementAt(inner, 0, Infinity, place);
  const length = Math.max(from, until);
  source.budget.spend(length, place);
  const whole = new Uint8Array(length + 8);
  let at = 0;
  for await (const piece of pieces(packed, source, place)) {
    // Writers pad elements to eight bytes.
    if (at + piece.length > whole.length) {
      throw matError(source, place, `must decompress to the ${length} bytes that its tag states. Received: more.`);
    }
    whole.set(piece, at);
    at += piece.length;
  }
  return whole.subarray(0, at);
}
