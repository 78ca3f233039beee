import { zipSync } from 'fflate';
import type { Budget } from './budget';
import { unpackedBudget } from './budget';
import { crc32 } from './crc';
import { inflateExactly } from './inflate';
import { shownNames } from './shown';

const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const END_SIZE = 22;

/** Fields of the 64-bit variant are stored in an extra field, in this order, where the 32-bit fields are full. */
function large(view: DataView, from: number, to: number, values: readonly number[]): number[] {
  for (let at = from; at + 4 <= to; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== 0xffffffff) return value;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    });
  }
  return [...values];
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly size: number;
  readonly packed: number;
  /** Address of its local header. */
  readonly offset: number;
}

/** Address of the central directory, and its number of entries. */
function directoryOf(bytes: Uint8Array, view: DataView, fail: Fail): [count: number, at: number] {
  let end = bytes.length - END_SIZE;
  const lowest = Math.max(0, end - 0xffff);
  while (end >= lowest && view.getUint32(end, true) !== END) end--;
  if (end < lowest) fail(`the bytes must be a complete ZIP archive. Received: ${bytes.length} bytes without its end.`);
  if (end < 20 || view.getUint32(end - 20, true) !== LOCATOR64)
    return [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
  const end64 = Number(view.getBigUint64(end - 12, true));
  if (view.getUint32(end64, true) !== END64) fail('the archive must be complete. Received: no end record.');
  return [Number(view.getBigUint64(end64 + 32, true)), Number(view.getBigUint64(end64 + 48, true))];
}

function entriesOf(bytes: Uint8Array, view: DataView, fail: Fail): Entry[] {
  const [count, start] = directoryOf(bytes, view, fail);
  // An entry takes 46 bytes, so the archive's size bounds the number of entries.
  if (count > bytes.length / 46) fail(`the archive must hold its directory. Received: ${count} entries in ${bytes.length} bytes.`); // prettier-ignore
  const entries: Entry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== ENTRY) fail(`entry ${i} of the archive must be readable. Received: damage.`);
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [number, number, number]; // prettier-ignore
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
    const extraFrom = at + 46 + nameLength;
    const [size, packed, offset] = large(view, extraFrom, extraFrom + extra, sizes) as [number, number, number];
    const [flags, method, checksum] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true), view.getUint32(at + 16, true)]; // prettier-ignore
    if (flags & 1) fail(`${shownNames([name])} must not be encrypted. Received: an encrypted file.`);
    entries.push({ name, method, checksum, size, packed, offset });
    at = extraFrom + extra + comment;
  }
  return entries;
}

/** The position of each entry's bytes. Entries must not overlap: an archive with overlapping entries could decompress to any size. */
function placesOf(entries: readonly Entry[], bytes: Uint8Array, view: DataView, fail: Fail): number[] {
  const places = entries.map(({ name, method, size, packed, offset }) => {
    const called = shownNames([name]);
    if ((method === 0 && size !== packed) || view.getUint32(offset, true) !== LOCAL) fail(`${called} must be intact. Received: damage.`); // prettier-ignore
    const from = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    if (from + packed > bytes.length) fail(`${called} must be complete. Received: a truncated archive.`);
    return from;
  });
  const order = entries.map((_, i) => i).sort((a, b) => entries[a]!.offset - entries[b]!.offset);
  order.slice(1).forEach((next, i) => {
    const before = order[i]!;
    if (entries[next]!.offset < places[before]! + entries[before]!.packed) {
      fail(`files of the archive must not overlap. Received: ${shownNames([entries[before]!.name, entries[next]!.name])} on the same bytes.`); // prettier-ignore
    }
  });
  return places;
}

type Fail = (what: string) => never;

/**
 * The files of a ZIP archive by name: stored ones, as PyTorch and Keras write them, as views of the archive, and compressed ones. Every checksum is verified.
 *
 * Bounds: entries must not overlap, and compressed entries may decompress to 16 times the archive plus 16 MiB.
 *
 * @param where name of the archive in errors
 * @throws RangeError when the archive is truncated, damaged, encrypted, compressed by a method other than DEFLATE, or larger than the bounds.
 * @example readZip(bytes).get('config.json')
 */
export function readZip(bytes: Uint8Array, where = 'readZip'): Map<string, Uint8Array> {
  const fail: Fail = (what) => {
    throw new RangeError(`${where}: ${what}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const budget = unpackedBudget(where, bytes.length);
  try {
    const entries = entriesOf(bytes, view, fail);
    const places = placesOf(entries, bytes, view, fail);
    return new Map(
      entries.map((entry, i) => {
        const called = shownNames([entry.name]);
        const file = contentOf(entry, bytes.subarray(places[i]!, places[i]! + entry.packed), budget, fail);
        if (crc32(file) !== entry.checksum)
          fail(`the checksum of ${called} must match. Received: a different one; the file is damaged.`);
        return [entry.name, file];
      }),
    );
  } catch (error) {
    if (error instanceof RangeError && !error.message.startsWith(where)) {
      fail('the archive must be intact. Received: an offset outside it.');
    }
    throw error;
  }
}

function contentOf({ name, method, size }: Entry, stored: Uint8Array, budget: Budget, fail: Fail): Uint8Array {
  const called = shownNames([name]);
  if (method === 0) return stored;
  if (method !== 8)
    return fail(
      `${called} must be stored or compressed by DEFLATE. Received: method ${method}. Unpack the archive and zip it again.`,
    );
  budget.spend(size, `${called} unpacked`);
  try {
    return inflateExactly(stored, size);
  } catch (error) {
    return fail(`${called} must unpack to ${size} bytes. Received: ${(error as Error).message}; the file is damaged.`);
  }
}

/**
 * A ZIP archive of these files, stored without compression; at most 4 GiB and 65,535 files.
 *
 * @throws RangeError when the archive would be larger, or a name is longer than 65,535 bytes.
 * @example writeZip({ 'config.json': new TextEncoder().encode('{}') })
 */
export function writeZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const entries = Object.entries(files).map(([name, data]) => [new TextEncoder().encode(name).length, data.length] as const); // prettier-ignore
  const longest = entries.reduce((most, [length]) => Math.max(most, length), 0);
  if (entries.length > 0xffff || longest > 0xffff) {
    throw new RangeError(
      `writeZip: an archive must have at most 65535 files, with names of at most 65535 bytes. Received: ${entries.length} files, names of up to ${longest} bytes.`,
    );
  }
  const total = entries.reduce((sum, [name, size]) => sum + 76 + 2 * name + size, END_SIZE);
  if (total > 0xffffffff) {
    throw new RangeError(`writeZip: an archive must be smaller than 4 GiB. Received: ${total} bytes.`);
  }
  // The earliest date of ZIP, so that the same files give the same bytes.
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}
