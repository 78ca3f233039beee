import type { RgbImage } from '../image';
import { bytes } from './bytes';
import { layHuffmanTable, TABLE_BYTES } from './huffman-table';
import { parseJpeg, type JpegFrame } from './parse-jpeg';

interface Exports {
  readonly memory: WebAssembly.Memory;
  unstuff(from: number, end: number, to: number, consumed: number): number;
  decodeScan(plan: number): number;
  toRgb(
    width: number,
    height: number,
    luma: number,
    blueness: number,
    redness: number,
    stride: number,
    chromaStride: number,
    chromaWidth: number,
    chromaHeight: number,
    across: number,
    down: number,
    scratch: number,
    to: number,
  ): void;
}

// The module's memory: tables and the plan first, then what depends on the image.
const HUFFMAN = 1024;
const QUANTIZATION = HUFFMAN + 4 * TABLE_BYTES;
const PLAN = QUANTIZATION + 4 * 256;
const BLOCK = PLAN + 256;
const LAST_DC = BLOCK + 128;
const CONSUMED = LAST_DC + 12;
const FIRST = LAST_DC + 64;
const SLACK = 64;
/** Larger ones would leave each thread with as much memory for good. */
const MOST_PIXELS = 1 << 23;
/** libjpeg does not smooth the chroma of narrower images. */
const SMALLEST = 8;

/** Row by row, where each coefficient of the zigzag lies. */
const ZIGZAG = /* @__PURE__ */ zigzag();

let loaded: Exports | null | undefined;
const lastTables: (Uint8Array | undefined)[] = [];

/**
 * Decodes a baseline JPEG at once, in this thread, to the bits that libjpeg gives (islow DCT, fancy upsampling).
 * The pixels lie in memory that the next call writes over.
 *
 * Why there is a decoder here: native ones hand an image from thread to thread and back, four times an image, and where
 * as many loaders work as there are cores, a fifth of the time goes to waiting for a core that another image has.
 *
 * @returns undefined for any other file, for one that is damaged in any way, and where the host has no SIMD: decode it
 *   with a complete decoder, which also says what is wrong.
 */
export function decodeJpeg(file: Uint8Array): RgbImage | undefined {
  const frame = parseJpeg(file);
  if (frame === undefined) return undefined;
  const { width, height } = frame;
  if (Math.min(width, height) < SMALLEST || width * height > MOST_PIXELS) return undefined;
  const module = simd();
  return module === null ? undefined : decode(module, file, frame);
}

/** Compiled when first needed; null where the host has no SIMD or forbids to compile. */
function simd(): Exports | null {
  if (loaded !== undefined) return loaded;
  try {
    const code = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
    loaded = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports;
  } catch {
    loaded = null;
  }
  return loaded;
}

function decode(module: Exports, file: Uint8Array, frame: JpegFrame): RgbImage | undefined {
  const { width, height, components, scan } = frame;
  const [{ h, v }] = components;
  const columns = Math.ceil(width / (8 * h));
  const rows = Math.ceil(height / (8 * v));
  let end = FIRST;
  const take = (length: number): number => {
    const at = end;
    end += Math.ceil((length + SLACK) / 16) * 16;
    return at;
  };
  const words = take(file.length - scan);
  const planes = components.map((one) => {
    const stride = 8 * one.h * columns;
    return { at: take(stride * 8 * one.v * rows), stride };
  });
  const chromaWidth = Math.ceil(width / h);
  const scratch = take(4 * chromaWidth + 4 * SLACK);
  const rgb = take(3 * width * height);
  const input = rgb; // done with before the pixels are written
  end = Math.max(end, input + file.length - scan + SLACK);
  const missing = end - module.memory.buffer.byteLength;
  if (missing > 0) module.memory.grow(Math.ceil(missing / 65536));
  const memory = new Uint8Array(module.memory.buffer);
  const integers = new Int32Array(module.memory.buffer);

  memory.set(file.subarray(scan), input);
  memory.fill(0, input + file.length - scan, input + file.length - scan + SLACK);
  const length = module.unstuff(input, input + file.length - scan, words, CONSUMED);
  if (length < 0 || file[scan + integers[CONSUMED / 4]! + 1] !== 0xd9) return undefined;
  if (!layTables(frame, integers)) return undefined;
  layPlan(frame, integers, { words, length, columns, rows, planes });
  if (module.decodeScan(PLAN) === 0) return undefined;
  const [luma, blueness, redness] = planes as [Plane, Plane, Plane];
  module.toRgb(
    width,
    height,
    luma.at,
    blueness.at,
    redness.at,
    luma.stride,
    blueness.stride,
    chromaWidth,
    Math.ceil(height / v),
    h - 1,
    v - 1,
    scratch,
    rgb,
  );
  return { width, height, data: memory.subarray(rgb, rgb + 3 * width * height) };
}

interface Plane {
  readonly at: number;
  readonly stride: number;
}

/** Most files of a dataset share their Huffman tables: these stay from one image to the next. */
function layTables({ huffman, quantization }: JpegFrame, memory: Int32Array<ArrayBuffer>): boolean {
  for (const [n, table] of huffman.entries()) {
    if (table === undefined || same(table, lastTables[n])) continue;
    lastTables[n] = undefined;
    if (!layHuffmanTable(table, n >= 2, memory.buffer, HUFFMAN + n * TABLE_BYTES)) return false;
    lastTables[n] = table.slice();
  }
  for (const [n, table] of quantization.entries()) {
    const at = QUANTIZATION / 4 + 64 * n;
    for (let k = 0; table !== undefined && k < 64; k++) memory[at + k] = (2 * ZIGZAG[k]!) | (table[k]! << 8);
  }
  return true;
}

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.length === b?.length && a.every((value, i) => value === b[i]);
}

/** As `decodeScan` wants it. */
function layPlan(
  { components }: JpegFrame,
  memory: Int32Array,
  scan: { words: number; length: number; columns: number; rows: number; planes: readonly Plane[] },
): void {
  const { words, length, columns, rows, planes } = scan;
  const blocks = components.flatMap(({ h, v, quantization, dc, ac }, n) => {
    const { at, stride } = planes[n]!;
    memory[LAST_DC / 4 + n] = 0;
    return Array.from({ length: h * v }, (_, i) => [
      HUFFMAN + dc * TABLE_BYTES,
      HUFFMAN + (2 + ac) * TABLE_BYTES,
      QUANTIZATION + 256 * quantization,
      at + Math.floor(i / h) * 8 * stride + (i % h) * 8,
      stride,
      8 * h,
      8 * v * stride,
      LAST_DC + 4 * n,
    ]);
  });
  memory.set([words, length, columns, rows, blocks.length, BLOCK, 0, 0, ...blocks.flat()], PLAN / 4);
}

function zigzag(): Uint8Array {
  const order: number[] = [];
  for (let sum = 0; sum < 15; sum++) {
    const diagonal = Array.from({ length: 8 }, (_, y) => 8 * y + sum - y).filter((_, y) => sum - y >= 0 && sum - y < 8);
    order.push(...(sum % 2 === 0 ? diagonal.reverse() : diagonal));
  }
  return Uint8Array.from(order);
}
