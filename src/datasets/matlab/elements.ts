import type { Budget } from '../../bytes';
import { DatasetError } from '../fields';
import type { MatArray } from './values';

/** Bytes of a MAT file, or of decompressed data in it, with their position for errors. */
export interface MatSource {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly name: string;
  /** The remaining budget for decompressing and decoding. */
  readonly budget: Budget;
}

/** A data element: its type and the start and end of its bytes; `next` is the start of the following element. */
export interface Element {
  readonly type: number;
  readonly from: number;
  readonly until: number;
  readonly next: number;
}

export const TYPE = { utf8: 16, utf16: 17, utf32: 18, matrix: 14, compressed: 15 } as const;

export function matError(source: MatSource, place: string, what: string): DatasetError {
  return new DatasetError(`${source.name}, ${place}: ${what}`);
}

/** Reads the tag at `at`: eight bytes, or four where the data fits into the remaining four. */
export function elementAt(source: MatSource, at: number, end: number, place: string): Element {
  const { view, littleEndian } = source;
  if (at + 8 > end)
    throw matError(source, place, `must hold another element at byte ${at}. Received: the end, at ${end}.`);
  const word = view.getUint32(at, littleEndian);
  const small = word >>> 16;
  if (small !== 0) {
    if (small > 4)
      throw matError(source, place, `a small element must hold at most 4 bytes. Received: ${small}, at byte ${at}.`);
    return { type: word & 0xffff, from: at + 4, until: at + 4 + small, next: at + 8 };
  }
  const size = view.getUint32(at + 4, littleEndian);
  const until = at + 8 + size;
  if (until > end) {
    throw matError(
      source,
      place,
      `an element must end inside its parent. Received: ${size} bytes at ${at}, of ${end}.`,
    );
  }
  const next = word === TYPE.compressed ? until : Math.min(end, at + 8 + Math.ceil(size / 8) * 8);
  return { type: word, from: at + 8, until, next };
}

type Reader = readonly [bytes: number, read: (view: DataView, at: number, littleEndian: boolean) => number | bigint];

/** The storage types of numbers, by code. */
const STORED: Readonly<Record<number, Reader>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => view.getBigInt64(at, little)],
  13: [8, (view, at, little) => view.getBigUint64(at, little)],
  16: [1, (view, at) => view.getUint8(at)],
  17: [2, (view, at, little) => view.getUint16(at, little)],
  18: [4, (view, at, little) => view.getUint32(at, little)],
};

/** The number of values in an element. */
export function countOf(source: MatSource, { type, from, until }: Element, place: string): number {
  const stored = STORED[type];
  if (stored === undefined)
    throw matError(source, place, `must hold numbers or text. Received: an element of type ${type}.`);
  return Math.floor((until - from) / stored[0]);
}

/** Copies an element's numbers into an array, whatever their stored type: MATLAB stores the smallest type that fits. */
export function readInto<T extends MatArray | number[]>(source: MatSource, element: Element, into: T): T {
  const [bytes, read] = STORED[element.type]!;
  const big = into instanceof BigInt64Array || into instanceof BigUint64Array;
  for (let i = 0, at = element.from; i < into.length; i++, at += bytes) {
    const value = read(source.view, at, source.littleEndian);
    if (big)
      (into as BigInt64Array)[i] = typeof value === 'bigint' ? value : BigInt(Number.isInteger(value) ? value : 0);
    else (into as number[])[i] = Number(value);
  }
  return into;
}

/** All numbers of an element, at most `limit`. */
export function numbersOf(source: MatSource, element: Element, place: string, limit: number): number[] {
  const count = countOf(source, element, place);
  if (count > limit) throw matError(source, place, `must hold at most ${limit} numbers. Received: ${count}.`);
  return readInto(source, element, new Array<number>(count).fill(0));
}

/** An element's bytes as text: names are ASCII, values may be UTF-8, 16 or 32. */
export function textOf(source: MatSource, { type, from, until }: Element): string {
  const bytes = new Uint8Array(source.view.buffer, source.view.byteOffset + from, until - from);
  if (type <= 2 || type === TYPE.utf8) return new TextDecoder().decode(bytes);
  const { view, littleEndian } = source;
  const parts: string[] = [];
  for (let at = from; type === TYPE.utf32 ? at + 4 <= until : at + 2 <= until; at += type === TYPE.utf32 ? 4 : 2) {
    const code = type === TYPE.utf32 ? view.getUint32(at, littleEndian) : view.getUint16(at, littleEndian);
    parts.push(type === TYPE.utf32 ? String.fromCodePoint(Math.min(code, 0x10ffff)) : String.fromCharCode(code));
  }
  return parts.join('');
}
