import * as tf from '@tensorflow/tfjs-core';
import { rgbImage, type RawImage, type RgbImage } from '../datasets';
import type { Box, Size } from '../keypoints';

/** Pixels in any supported form. */
export type ImageSource =
  /** `ImageData`, or any object with width, height and 1, 3 or 4 bytes per pixel. */
  | RawImage
  /** The result of sharp's `raw().toBuffer({ resolveWithObject: true })`. */
  | { readonly data: Uint8Array; readonly info: { readonly width: number; readonly height: number } }
  /** A canvas: of the page, an `OffscreenCanvas`, or of a canvas package for Node. */
  | {
      getContext(kind: '2d'): { getImageData(x: number, y: number, width: number, height: number): RawImage } | null;
      readonly width: number;
      readonly height: number;
    }
  /** Objects that the browser draws: the current picture of a video, a WebCodecs frame, a bitmap, an image of the page. */
  | HTMLVideoElement
  | VideoFrame
  | ImageBitmap
  | HTMLImageElement
  /** An encoded image (from a file input or a response): decoded by the browser, rotated according to its EXIF data. */
  | Blob
  /** [height, width, 3], 0 to 255. */
  | tf.Tensor3D;

/** A part of an image, possibly downscaled. */
export interface ImagePart {
  readonly image: RgbImage;
  /** `[width, height]` of the whole image. */
  readonly size: Size;
  /** Pixels of `image` per pixel of the whole image, along each axis. */
  readonly scale: readonly [x: number, y: number];
  /** Left and top edge of the part, in pixels of the whole image. */
  readonly origin: readonly [x: number, y: number];
}

/** The part of an image to read, and its resolution. */
export interface PartOptions {
  /** Region to read. @defaultValue the whole image */
  readonly region?: Box;
  /** Pixels to read per pixel of the image, at most 1. @defaultValue 1 */
  readonly scale?: number;
  /** Alternative to `scale`: pixels of the longer side of the region. */
  readonly longest?: number;
}

type Drawable = HTMLVideoElement | VideoFrame | ImageBitmap | HTMLImageElement;

/**
 * `[width, height]` of an image in its own pixels, without reading them.
 *
 * @throws TypeError for a value that is not an image, a `Blob` (decode it first: `createImageBitmap`), or a video or image that has not been loaded.
 * @example imageSize(video) // [1280, 720]
 */
export function imageSize(source: ImageSource): Size {
  if (source instanceof tf.Tensor) return [source.shape[1], source.shape[0]];
  if (typeof source === 'object' && source !== null) {
    if ('info' in source) return [source.info.width, source.info.height];
    const [width, height] = drawnSize(source);
    if (width > 0 && height > 0) return [width, height];
    if ('videoWidth' in source || 'naturalWidth' in source) {
      const what = 'videoWidth' in source ? 'video' : 'image';
      throw new TypeError(
        `image: the ${what} must have been loaded. Received: one without pixels. Wait for ${what === 'video' ? 'video.play()' : 'image.decode()'}.`,
      );
    }
  }
  throw new TypeError(
    `image: must be pixels: ImageData, a sharp buffer, a canvas, video, VideoFrame, ImageBitmap, image, Blob or tensor. Received: ${described(source)}.`,
  );
}

function drawnSize(source: object): [number, number] {
  const { videoWidth, videoHeight, displayWidth, displayHeight, naturalWidth, naturalHeight, width, height } =
    source as Partial<Record<string, number>>;
  return [
    videoWidth ?? displayWidth ?? naturalWidth ?? width ?? NaN,
    videoHeight ?? displayHeight ?? naturalHeight ?? height ?? NaN,
  ];
}

function described(source: unknown): string {
  if (typeof source === 'string') {
    return `the text ${JSON.stringify(source.slice(0, 60))}. Read files first, with sharp or imageFiles of poseblocks/video/node`;
  }
  return source === null || typeof source !== 'object'
    ? String(source)
    : `an object of ${Object.keys(source).join(', ') || 'no fields'}`;
}

/**
 * Reads a part of an image once, as RGB. Sources that the browser draws are read at the requested resolution, so that a crop of a large
 * video costs no more than one of a small video; raw pixels, canvases and tensors are not scaled.
 *
 * @returns at least the part of the region that is inside the image.
 * @throws TypeError as {@link imageSize} does, or where no canvas is available for reading.
 * @example const { image } = await readPixels(video, { longest: 320 });
 */
export async function readPixels(
  source: ImageSource,
  { region, scale, longest }: PartOptions = {},
): Promise<ImagePart> {
  if (typeof Blob !== 'undefined' && source instanceof Blob) {
    if (typeof createImageBitmap !== 'function') {
      throw new TypeError(
        'image: a Blob must be decoded, which only browsers do. Received: a Blob. In Node, decode it with sharp.',
      );
    }
    const bitmap = await createImageBitmap(source);
    try {
      return drawn(bitmap, region, scale, longest);
    } finally {
      bitmap.close();
    }
  }
  if (isDrawable(source)) return drawn(source, region, scale, longest);
  return {
    image: rgbImage(await pixelsOf(source as Exclude<typeof source, Blob>)),
    size: imageSize(source),
    scale: [1, 1],
    origin: [0, 0],
  };
}

function isDrawable(source: unknown): source is Drawable {
  if (typeof source !== 'object' || source === null) return false;
  if ('videoWidth' in source || 'displayWidth' in source || 'naturalWidth' in source) return true;
  return typeof ImageBitmap !== 'undefined' && source instanceof ImageBitmap;
}

async function pixelsOf(image: Exclude<ImageSource, Drawable | Blob>): Promise<RawImage> {
  if (image instanceof tf.Tensor) {
    const [height, width] = image.shape;
    return { width, height, data: Uint8ClampedArray.from(await image.data()) };
  }
  const [width, height] = imageSize(image);
  if ('getContext' in image) {
    const context = image.getContext('2d');
    if (!context) throw new TypeError('image: the canvas must give a 2d context. Received: null.');
    return context.getImageData(0, 0, width, height);
  }
  return { data: image.data, width, height };
}

/** Draws the part onto a separate canvas of the requested size, and reads it. */
function drawn(source: Drawable, region: Box | undefined, wanted = 1, longest?: number): ImagePart {
  const size = imageSize(source);
  const [x, y, w, h] = within(region ?? [0, 0, ...size], size);
  const scale = Math.min(1, Math.max(longest === undefined ? wanted : longest / Math.max(w, h), 1 / Math.max(w, h)));
  const [width, height] = [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))];
  const context = scratch(width, height);
  // 'copy' clears the previous contents, also where the picture is transparent.
  context.globalCompositeOperation = 'copy';
  context.imageSmoothingEnabled = scale < 1;
  context.imageSmoothingQuality = 'medium';
  context.drawImage(source as CanvasImageSource, x, y, w, h, 0, 0, width, height);
  const image = rgbImage(context.getImageData(0, 0, width, height));
  return { image, size, scale: [width / w, height / h], origin: [x, y] };
}

/** The region in whole pixels of the image; one pixel where it is outside. */
function within([x, y, w, h]: Box, [width, height]: Size): Box {
  const left = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const top = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const right = Math.max(left + 1, Math.min(width, Math.ceil(x + w)));
  const bottom = Math.max(top + 1, Math.min(height, Math.ceil(y + h)));
  return [left, top, right - left, bottom - top];
}

type Reader = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

let reader: Reader | undefined;

/** One canvas for all reads, which grows as needed. It is in main memory, because it is read back each time. */
function scratch(width: number, height: number): Reader {
  reader ??= newReader();
  if (reader.canvas.width < width) reader.canvas.width = width;
  if (reader.canvas.height < height) reader.canvas.height = height;
  return reader;
}

function newReader(): Reader {
  const options = { willReadFrequently: true } as const;
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(1, 1).getContext('2d', options)!;
  if (typeof document !== 'undefined') {
    const context = document.createElement('canvas').getContext('2d', options) as CanvasRenderingContext2D | null;
    if (context) return context;
  }
  throw new TypeError('image: this kind of image must be read through a canvas. Received: a machine without one.');
}
