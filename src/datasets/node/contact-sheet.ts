import { join } from 'node:path';
import { escapeText } from '../../visualize';
import type { Diagnosis } from '../doctor/diagnose';
import { poseSvgParts } from './sheet-svg';
import { loadSharp } from './decode-image';

const [TILE, CAPTION, COLUMNS] = [240, 44, 4];

/**
 * A PNG of the worst findings: each the person (or the image) it concerns, with its keypoints and what is wrong.
 * Findings whose image cannot be read, or that concern none, show their text only.
 *
 * @example await writeFile('sheet.png', await contactSheet({ ...(await doctor(options)), images: 'train2017' }));
 */
export async function contactSheet({
  findings,
  persons,
  keypointSet,
  images,
  limit = 24,
}: Pick<Diagnosis, 'findings' | 'persons' | 'keypointSet'> & {
  /** The folder of the images. */
  readonly images: string;
  /** How many findings. Default 24. */
  readonly limit?: number;
}): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const worst = [...findings].sort((a, b) => b.severity - a.severity).slice(0, limit);
  const byId = new Map(persons.map((person) => [person.id, person]));
  const tiles = await Promise.all(
    worst.map(async (finding, i) => {
      const person = finding.id === undefined ? undefined : byId.get(finding.id);
      const left = (i % COLUMNS) * TILE;
      const top = Math.floor(i / COLUMNS) * (TILE + CAPTION);
      const picture = sharp({ create: { width: TILE, height: TILE + CAPTION, channels: 3, background: '#222' } });
      const layers: { input: Buffer; left: number; top: number }[] = [];
      const overlay = { svg: '' };
      if (finding.fileName !== undefined) {
        try {
          const source = sharp(join(images, finding.fileName));
          const { width = 1, height = 1 } = await source.metadata();
          const scale = TILE / Math.max(width, height);
          layers.push({ input: await source.resize(TILE, TILE, { fit: 'inside' }).png().toBuffer(), left: 0, top: 0 });
          if (person !== undefined && keypointSet !== undefined) overlay.svg = poseSvgParts(person, keypointSet, scale);
        } catch {
          // The text says what is wrong with the image.
        }
      }
      const text = `${finding.check}${finding.id === undefined ? '' : ` #${finding.id}`}: ${finding.message}`;
      const lines = (text.match(/.{1,40}(\s|$)|.{1,40}/g) ?? []).slice(0, 3);
      const caption = lines
        .map(
          (line, n) =>
            `<text x="4" y="${TILE + 12 + 13 * n}" font-size="11" font-family="sans-serif" fill="#fff">${escapeText(line)}</text>`,
        )
        .join('');
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE}" height="${TILE + CAPTION}">${overlay.svg}${caption}</svg>`;
      layers.push({ input: Buffer.from(svg), left: 0, top: 0 });
      return { input: await picture.composite(layers).png().toBuffer(), left, top };
    }),
  );
  const rows = Math.max(1, Math.ceil(worst.length / COLUMNS));
  const size = { width: COLUMNS * TILE, height: rows * (TILE + CAPTION) };
  return sharp({ create: { ...size, channels: 3, background: '#111' } })
    .composite(tiles)
    .png()
    .toBuffer();
}
