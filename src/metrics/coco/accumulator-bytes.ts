import { crc32 } from '../../bytes';
import type { Numbers } from '../store/numbers';
import type { Rows } from '../store/rows';
import { CocoAccumulator } from './accumulator';
import type { CocoTables } from './evaluate-tables';
import type { CocoOptions } from './options';
import type { CocoStore } from './read-coco';

const magic = 'poseblocks coco accumulator 1\n';
const checksumDigits = 8;

interface Header {
  readonly options: CocoOptions;
  readonly people: number;
  readonly detections: number;
  readonly images: readonly number[] | null;
  readonly categories: readonly number[] | null;
}

/**
 * Serialises an accumulator: a checksum and a JSON header, then every column as little-endian float64, without
 * rounding.
 *
 * @example await writeFile('shard-0.bin', cocoAccumulatorToBytes(accumulator));
 */
export function cocoAccumulatorToBytes(accumulator: CocoAccumulator): Uint8Array {
  const { tables, options } = accumulator;
  const header: Header = {
    options,
    people: tables.people.length,
    detections: tables.detections.length,
    images: tables.images && [...tables.images],
    categories: tables.categories && [...tables.categories],
  };
  const json = JSON.stringify(header, (_, value: unknown) => (value === Infinity ? 'Infinity' : value));
  const start = new TextEncoder().encode(`${magic}${'0'.repeat(checksumDigits)}${json}\n`);
  const padded = Math.ceil(start.length / 8) * 8;
  const bytes = new Uint8Array(padded + 8 * numbersOf(tables));
  bytes.fill(0x0a, 0, padded);
  bytes.set(start);
  const body = new Float64Array(bytes.buffer, padded);
  let at = 0;
  for (const column of columnsOf(tables)) {
    if ('width' in column) {
      for (let row = 0; row < column.length; row++) body.set(column.row(row), at + row * column.width);
    } else body.set(column.view(), at);
    at += sizeOf(column);
  }
  bytes.set(new TextEncoder().encode(checksum(bytes)), magic.length);
  return bytes;
}

/** CRC-32 of the rest of the file: a damaged file must not produce metrics. */
function checksum(bytes: Uint8Array): string {
  const value = crc32(bytes.subarray(magic.length + checksumDigits));
  return value.toString(16).padStart(checksumDigits, '0');
}

/**
 * Reads the output of {@link cocoAccumulatorToBytes}.
 *
 * @param source name of the bytes in errors: their file name.
 * @throws RangeError when the bytes are not an accumulator, are incomplete, or were changed.
 * @example const whole = cocoAccumulatorFromBytes(await readFile('shard-0.bin'));
 */
export function cocoAccumulatorFromBytes(bytes: Uint8Array, source = 'bytes'): CocoAccumulator {
  const fail = (what: string): never => {
    throw new RangeError(`${source}: must be the output of cocoAccumulatorToBytes. Received: ${what}.`);
  };
  const starts = [...magic].every((char, i) => bytes[i] === char.charCodeAt(0));
  const headerStart = magic.length + checksumDigits;
  const lineEnd = bytes.indexOf(0x0a, headerStart);
  if (!starts || lineEnd < 0) fail(`${bytes.length} other bytes`);
  if (new TextDecoder().decode(bytes.subarray(magic.length, headerStart)) !== checksum(bytes)) {
    fail(`${bytes.length} bytes that are incomplete or damaged`);
  }
  const header = readHeader(bytes.subarray(headerStart, lineEnd)) ?? fail('a header that is not JSON');
  const accumulator = new CocoAccumulator(header.options);
  const store = accumulator.tables as CocoStore;
  const { people } = store;
  const width = (columns: readonly (Numbers | Rows)[]): number =>
    columns.reduce((sum, column) => sum + ('width' in column ? column.width : 1), 0);
  const numbers = header.people * width(peopleColumns(store)) + header.detections * width(detectionColumns(store));
  const padded = Math.ceil((lineEnd + 1) / 8) * 8;
  if (bytes.length !== padded + 8 * numbers) fail(`${bytes.length} bytes instead of ${padded + 8 * numbers}`);
  const body = new Float64Array(numbers);
  new Uint8Array(body.buffer).set(bytes.subarray(padded));
  let at = 0;
  for (const [count, columns] of [
    [header.people, peopleColumns(store)],
    [header.detections, detectionColumns(store)],
  ] as const) {
    for (const column of columns) {
      for (let i = 0; i < count; i++) {
        if ('width' in column) column.pushRow(body.subarray(at, (at += column.width)));
        else column.push(body[at++]!);
      }
    }
  }
  people.indexIds();
  store.images = header.images && new Set(header.images);
  store.categories = header.categories && new Set(header.categories);
  return accumulator;
}

function readHeader(bytes: Uint8Array): Header | null {
  try {
    const revive = (_: string, value: unknown): unknown => (value === 'Infinity' ? Infinity : value);
    return JSON.parse(new TextDecoder().decode(bytes), revive) as Header;
  } catch {
    return null;
  }
}

function peopleColumns({ people }: CocoTables): (Numbers | Rows)[] {
  const { ids, images, categories, areas, crowds, labelled, positions, boxes, keypoints } = people;
  return [ids, images, categories, areas, crowds, labelled, positions, boxes, keypoints];
}

function detectionColumns({ detections }: CocoTables): (Numbers | Rows)[] {
  const { images, categories, scores, boxAreas, extents, positions, xy, confidences } = detections;
  return [images, categories, scores, boxAreas, extents, positions, xy, ...(confidences ? [confidences] : [])];
}

function columnsOf(tables: CocoTables): (Numbers | Rows)[] {
  return [...peopleColumns(tables), ...detectionColumns(tables)];
}

function sizeOf(column: Numbers | Rows): number {
  return column.length * ('width' in column ? column.width : 1);
}

function numbersOf(tables: CocoTables): number {
  return columnsOf(tables).reduce((sum, column) => sum + sizeOf(column), 0);
}
