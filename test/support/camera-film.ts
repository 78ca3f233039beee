import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { RgbImage } from 'poseblocks/datasets';

/**
 * Writes a film that Chromium plays as a camera (`--use-file-for-fake-video-capture`, which begins it again at its end): JPEG pictures one after the
 * other, which is what motion JPEG is.
 */
export async function writeFilm(path: string, pictures: Iterable<RgbImage>): Promise<number> {
  const parts: Buffer[] = [];
  for (const { width, height, data } of pictures) {
    parts.push(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 88, chromaSubsampling: '4:2:0' })
        .toBuffer(),
    );
  }
  await writeFile(path, Buffer.concat(parts));
  return parts.length;
}
