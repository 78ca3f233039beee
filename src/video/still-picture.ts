import type { ImageSource } from '../inference';

/**
 * A picture whose size is known, and that stays the same while it is read several times: a copy of what a video shows at the
 * moment. Anything else stays as it is.
 *
 * @param reread whether it will be read more than once.
 * @returns the picture, and what frees it.
 */
export async function stillPicture(
  source: ImageSource,
  reread: boolean,
): Promise<readonly [image: ImageSource, release: (() => void) | undefined]> {
  const plays = typeof HTMLVideoElement !== 'undefined' && source instanceof HTMLVideoElement;
  const encoded = typeof Blob !== 'undefined' && source instanceof Blob && typeof createImageBitmap === 'function';
  if (!encoded && !(plays && reread)) return [source, undefined];
  const image = await createImageBitmap(source);
  return [image, () => image.close()];
}
