import { printable } from '../../bytes';
import { escapeText } from '../svg';
import { loadSharp } from './load-sharp';

/** A picture of a sheet, and its caption. */
export interface SheetPicture {
  /** Bytes of a PNG or JPEG file. */
  readonly bytes: Uint8Array;
  readonly caption: string;
}

/** Options of {@link pictureSheet}. */
export interface PictureSheetOptions {
  /** Side of the square into which each picture is scaled, in pixels. @defaultValue 240 */
  readonly tile?: number;
  /** Pictures per row. @defaultValue 4, or the number of pictures if smaller */
  readonly columns?: number;
}

const CAPTION = 22;

/**
 * Pictures side by side as the bytes of a PNG file, for an overview of many predictions.
 *
 * @throws RangeError without pictures; Error with the install command when sharp is missing.
 * @example await writeFile('sheet.png', await pictureSheet([{ bytes, caption: 'photo.jpg' }]));
 */
export async function pictureSheet(
  pictures: readonly SheetPicture[],
  { tile = 240, columns = Math.min(4, pictures.length) }: PictureSheetOptions = {},
): Promise<Uint8Array> {
  if (pictures.length === 0) throw new RangeError('pictureSheet: there must be at least one picture. Received: none.');
  const sharp = await loadSharp('pictureSheet');
  const tiles = [];
  for (const [i, { bytes, caption }] of pictures.entries()) {
    const [left, top] = [(i % columns) * tile, Math.floor(i / columns) * (tile + CAPTION)];
    const picture = sharp(bytes).resize(tile, tile, { fit: 'contain', background: '#181818' });
    tiles.push({ input: await picture.png().toBuffer(), left, top });
    tiles.push({ input: Buffer.from(captionSvg(caption, tile)), left, top: top + tile });
  }
  const size = { width: columns * tile, height: Math.ceil(pictures.length / columns) * (tile + CAPTION) };
  const sheet = sharp({ create: { ...size, channels: 3, background: '#111' } });
  return new Uint8Array(await sheet.composite(tiles).png().toBuffer());
}

/** The end of a long name is more informative than its start. */
function captionSvg(text: string, width: number): string {
  const most = Math.floor(width / 6.6);
  const plain = printable(text);
  const line = plain.length > most ? `…${plain.slice(1 - most)}` : plain;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION}"><text x="5" y="15" font-size="11" font-family="DejaVu Sans, sans-serif" fill="#fff">${escapeText(line)}</text></svg>`;
}
