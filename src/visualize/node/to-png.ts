import { sharpFor } from './load-sharp';

/** Options of {@link toPng}. */
export interface ToPngOptions {
  /** Pixels per pixel of the SVG. @defaultValue 2, for sharp text on high-resolution screens */
  readonly scale?: number;
  /** Background colour. @defaultValue `'white'`; `'transparent'` keeps the SVG's transparency */
  readonly background?: string;
}

/**
 * Rasterises SVG with sharp, an optional peer. Images that the SVG links to must be `data:` URLs (`imageFileUrl`).
 *
 * @returns the bytes of a PNG file.
 * @throws Error with the install command when sharp is missing; RangeError when the scale is not positive.
 * @example await writeFile('loss.png', await toPng(curvesSvg(series)))
 */
export async function toPng(svg: string, { scale = 2, background = 'white' }: ToPngOptions = {}): Promise<Uint8Array> {
  if (!(scale > 0 && scale <= 32)) {
    throw new RangeError(`toPng: scale must be above 0 and at most 32. Received: ${scale}.`);
  }
  const sharp = await sharpFor('toPng');
  const picture = sharp(Buffer.from(svg), { density: 72 * scale, unlimited: true });
  const flat = background === 'transparent' ? picture : picture.flatten({ background });
  return new Uint8Array(await flat.png({ compressionLevel: 9 }).toBuffer());
}
