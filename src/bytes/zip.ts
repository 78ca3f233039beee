import { crc32 } from './crc';

const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const END_SIZE = 22;

/** Fields of the large variant stand in an extra field, in this order, where the small ones are full. */
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

/**
 * The files of a ZIP archive whose entries are stored, not compressed, as PyTorch and Keras write them. They are views of the archive.
 *
 * @param where what to call the archive in errors
 * @throws RangeError when it is cut short or damaged, or an entry is compressed.
 * @example readZip(bytes).get('config.json')
 */
export function readZip(bytes: Uint8Array, where = 'readZip'): Map<string, Uint8Array> {
  const fail = (what: string): never => {
    throw new RangeError(`${where}: ${what}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - END_SIZE;
  const lowest = Math.max(0, end - 0xffff);
  while (end >= lowest && view.getUint32(end, true) !== END) end--;
  if (end < lowest) fail(`the bytes must be a whole ZIP archive. Received: ${bytes.length} bytes without its end.`);
  try {
    let [count, at] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
    if (end >= 20 && view.getUint32(end - 20, true) === LOCATOR64) {
      const end64 = Number(view.getBigUint64(end - 12, true));
      if (view.getUint32(end64, true) !== END64) fail('the archive must be whole. Received: no end record.');
      [count, at] = [Number(view.getBigUint64(end64 + 32, true)), Number(view.getBigUint64(end64 + 48, true))];
    }
    const files = new Map<string, Uint8Array>();
    for (let i = 0; i < count; i++) {
      if (view.getUint32(at, true) !== ENTRY) fail(`entry ${i} of the archive must be readable. Received: damage.`);
      const [method, checksum] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
      const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [number, number, number]; // prettier-ignore
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
      const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
      const extraFrom = at + 46 + nameLength;
      const [size, packed, offset] = large(view, extraFrom, extraFrom + extra, sizes) as [number, number, number];
      if (method !== 0) {
        fail(
          `${name} must be stored without compression. Received: method ${method}. Unpack the archive and zip it with -0.`,
        );
      }
      if (size !== packed || view.getUint32(offset, true) !== LOCAL) fail(`${name} must be whole. Received: damage.`);
      const from = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
      if (from + size > bytes.length) fail(`${name} must be whole. Received: an archive cut short.`);
      const file = bytes.subarray(from, from + size);
      if (crc32(file) !== checksum)
        fail(`the checksum of ${name} must match. Received: another one; the file is damaged.`);
      files.set(name, file);
      at = extraFrom + extra + comment;
    }
    return files;
  } catch (error) {
    if (error instanceof RangeError && !error.message.startsWith(where)) {
      fail('the archive must be whole. Received: an offset outside of it.');
    }
    throw error;
  }
}

/**
 * A ZIP archive of these files, stored without compression, up to 4 GiB and 65,535 files.
 *
 * @throws RangeError when it would be larger, or a name longer than 65,535 bytes.
 * @example writeZip({ 'config.json': new TextEncoder().encode('{}') })
 */
export function writeZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const entries = Object.entries(files).map(([name, data]) => ({
    name: new TextEncoder().encode(name),
    data,
    crc: crc32(data),
  }));
  if (entries.length > 0xffff || entries.some(({ name }) => name.length > 0xffff)) {
    const longest = entries.reduce((most, { name }) => Math.max(most, name.length), 0);
    throw new RangeError(
      `writeZip: an archive must have at most 65535 files, with names of at most 65535 bytes. Received: ${entries.length} files, names of up to ${longest} bytes.`,
    );
  }
  const each = entries.map(({ name, data }) => 30 + name.length + 46 + name.length + data.length);
  const total = each.reduce((a, b) => a + b, END_SIZE);
  if (total > 0xffffffff) {
    throw new RangeError(`writeZip: an archive must be smaller than 4 GiB. Received: ${total} bytes.`);
  }
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  let at = 0;
  const write16 = (...values: number[]): void =>
    values.forEach((value) => (view.setUint16(at, value, true), (at += 2)));
  const write32 = (...values: number[]): void =>
    values.forEach((value) => (view.setUint32(at, value, true), (at += 4)));
  const write = (data: Uint8Array): void => (out.set(data, at), void (at += data.length));
  /** Version, flags (names are UTF-8), method, the first day of DOS, checksum, sizes, length of the name. */
  const common = ({ name, data, crc }: (typeof entries)[number]): void => {
    write16(20, 0x800, 0, 0, 0x21);
    write32(crc, data.length, data.length);
    write16(name.length, 0);
  };
  const offsets = entries.map((entry) => {
    const offset = at;
    write32(LOCAL);
    common(entry);
    write(entry.name);
    write(entry.data);
    return offset;
  });
  const directory = at;
  entries.forEach((entry, i) => {
    write32(ENTRY);
    write16(20);
    common(entry);
    write16(0, 0, 0);
    write32(0, offsets[i]!);
    write(entry.name);
  });
  const size = at - directory;
  write32(END);
  write16(0, 0, entries.length, entries.length);
  write32(size, directory);
  write16(0);
  return out;
}
