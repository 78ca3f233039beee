/** A decoded image: interleaved 8-bit RGB, row by row from the top, `3 · width · height` bytes. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The output of image decoders: an `ImageData` of a canvas (RGBA), or sharp's raw RGB or grey. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * An {@link RgbImage} from raw pixels with one (grey), three (RGB) or four (RGBA; alpha is dropped) bytes each.
 * RGB data is not copied.
 *
 * @throws RangeError when the length is not 1, 3 or 4 bytes per pixel.
 * @example rgbImage(canvas.getContext('2d')!.getImageData(0, 0, 640, 480))
 */
export function rgbImage({ width, height, data }: RawImage): RgbImage {
  const pixels = width * height;
  const channels = data.length / pixels;
  if (!(Number.isInteger(width) && Number.isInteger(height) && pixels > 0 && [1, 3, 4].includes(channels))) {
    throw new RangeError(
      `rgbImage: data must hold 1, 3 or 4 bytes for each of width × height pixels. Received: ${data.length} bytes for ${width} × ${height}.`,
    );
  }
  if (channels === 3) {
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  }
  const rgb = new Uint8Array(3 * pixels);
  const green = channels === 4 ? 1 : 0;
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += channels, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + green]!;
    rgb[to + 2] = data[from + 2 * green]!;
  }
  return { width, height, data: rgb };
}
