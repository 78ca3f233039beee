import { printable } from '../../bytes';
import { escapeText } from '../svg';
import { sharpFor } from './load-sharp';

/** A picture of a sheet, and its caption. */
export interface SheetPicture {
  /** Bytes of a PNG or JPEG file. */
  readonly bytes: Uint8Array;
  readonly caption: string;
}

/** Options of {@link pictureSheet}. */
export interface PictureSheetOptions {
  /** Side of the square into which each picture is scaled, in pixels; rows are only as high as the pictures need. @defaultValue 240 */
  readonly tile?: number;
  /** Pictures per row. @defaultValue 4, or the number of pictures if smaller */
  readonly columns?: number;
}

const [TILE, CAPTION] = [240, 22];

/**
 * Pictures side by side as the bytes of a PNG file, for an overview of many predictions.
 *
 * @throws RangeError without pictures; Error with the install command when sharp is missing.
 * @example await writeFile('sheet.png', await pictureSheet([{ bytes, caption: 'photo.jpg' }]));
 */
export async function pictureSheet(
  pictures: readonly SheetPicture[],
  { tile = TILE, columns = Math.min(4, pictures.length) }: PictureSheetOptions = {},
): Promise<Uint8Array> {
  if (pictures.length === 0) throw new RangeError('pictureSheet: there must be at least one picture. Received: none.');
  const sharp = await sharpFor('pictureSheet');
  const scaled = await Promise.all(
    pictures.map(({ bytes }) => sharp(bytes).resize(tile, tile, { fit: 'inside' }).png().toBuffer({ resolveWithObject: true })), // prettier-ignore
  );
  const rows = Math.ceil(pictures.length / columns);
  const heights = Array.from({ length: rows }, (_, row) => Math.max(...scaled.slice(row * columns, (row + 1) * columns).map(({ info }) => info.height))); // prettier-ignore
  const tops = heights.map((_, row) => heights.slice(0, row).reduce((sum, height) => sum + height + CAPTION, 0));
  const tiles = pictures.flatMap(({ caption }, i) => {
    const row = Math.floor(i / columns);
    const [left, top] = [(i % columns) * tile, tops[row]!];
    const { data, info } = scaled[i]!;
    const [right, down] = [Math.floor((tile - info.width) / 2), Math.floor((heights[row]! - info.height) / 2)];
    return [
      { input: data, left: left + right, top: top + down },
      { input: Buffer.from(captionSvg(caption, tile)), left, top: top + heights[row]! },
    ];
  });
  const size = { width: columns * tile, height: tops.at(-1)! + heights.at(-1)! + CAPTION };
  const sheet = sharp({ create: { ...size, channels: 3, background: '#111' } });
  return new Uint8Array(await sheet.composite(tiles).png().toBuffer());
}

/**
 * A picture scaled to the size it has on a sheet, as the bytes of a PNG file; sheets of many large pictures need less memory with these.
 *
 * @param bytes of a PNG, JPEG or SVG file.
 * @param side longer side, pixels.
 * @throws Error with the install command when sharp is missing.
 * @example const bytes = await pictureThumbnail(await posePicture(image, people, { skeleton: COCO }));
 */
export async function pictureThumbnail(bytes: Uint8Array, side: number = TILE): Promise<Uint8Array> {
  const sharp = await sharpFor('pictureThumbnail');
  return new Uint8Array(await sharp(bytes).resize(side, side, { fit: 'inside' }).png().toBuffer());
}

/** The end of a long name is more informative than its start. */
function captionSvg(text: string, width: number): string {
  const most = Math.floor(width / 6.6);
  const plain = printable(text);
  const line = plain.length > most ? `…${plain.slice(1 - most)}` : plain;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION}"><text x="5" y="15" font-size="11" font-family="DejaVu Sans, sans-serif" fill="#fff">${escapeText(line)}</text></svg>`;
}
