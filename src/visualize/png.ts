import { zlibSync } from 'fflate';
import { crc32 } from '../bytes';
import type { Rgb } from './colors';

type Size = readonly [width: number, height: number];

/**
 * Pixels as a PNG `data:` URL, for `<image href>` and the `image` options of this module. Pure TypeScript, for a crop or a
 * heatmap; embed whole photographs as the original JPEG.
 *
 * @param pixels rows of 1 (grey), 3 (RGB) or 4 (RGBA) bytes per pixel, 0 … 255: `[H, W, C]`.
 * @throws RangeError when the number of bytes does not match the size.
 * @example imageDataUrl(new Uint8ClampedArray(await tf.browser.toPixels(crop)), [192, 256])
 */
export function imageDataUrl(pixels: Uint8Array | Uint8ClampedArray, size: Size): string {
  const [width, height] = checkedSize('imageDataUrl', size);
  const channels = pixels.length / (width * height);
  const colorType = { 1: 0, 3: 2, 4: 6 }[channels];
  if (colorType === undefined) {
    throw new RangeError(
      `imageDataUrl: pixels must hold 1, 3 or 4 bytes for each pixel of the size. Received: ${pixels.length} bytes for ${width}×${height}.`,
    );
  }
  return dataUrl(encode(pixels, width, height, channels, colorType, []));
}

/**
 * Palette indices as a PNG `data:` URL.
 *
 * @param alpha opacity of each palette entry, 0 … 255.
 */
export function indexedDataUrl(indices: Uint8Array, size: Size, palette: readonly Rgb[], alpha?: Uint8Array): string {
  const [width, height] = checkedSize('indexedDataUrl', size);
  if (indices.length !== width * height) {
    throw new RangeError(
      `indexedDataUrl: indices must hold one index per pixel. Received: ${indices.length} for ${width}×${height}.`,
    );
  }
  const chunks = [chunk('PLTE', Uint8Array.from(palette.flat()))];
  if (alpha !== undefined) chunks.push(chunk('tRNS', alpha));
  return dataUrl(encode(indices, width, height, 1, 3, chunks));
}

function checkedSize(where: string, [width, height]: Size): Size {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`${where}: size must be a positive whole [width, height]. Received: [${width}, ${height}].`);
  }
  return [width, height];
}

function encode(
  pixels: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  channels: number,
  colorType: number,
  between: readonly Uint8Array[],
): Uint8Array {
  const rowBytes = width * channels;
  const rows = new Uint8Array(height * (rowBytes + 1)); // each row starts with its filter: 0, none
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, colorType], 8);
  return concatenated([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...between,
    chunk('IDAT', zlibSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function dataUrl(png: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < png.length; i += 8192) binary += String.fromCharCode(...png.subarray(i, i + 8192));
  return `data:image/png;base64,${btoa(binary)}`;
}
