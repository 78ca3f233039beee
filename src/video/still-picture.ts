import type { ImageSource } from '../inference';

/**
 * A picture of known size that does not change while it is read several times: a copy of a video's current picture. Other
 * sources are returned unchanged.
 *
 * @param reread whether it is read more than once.
 * @returns the picture, and a function that frees it.
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
