import { printable } from '../../bytes';
import type { KeypointSet } from '../../keypoints';
import { escapeText, poseSvg } from '../../visualize';
import type { DiagnosedPerson, Diagnosis } from '../doctor/diagnose';
import type { Finding } from '../doctor/finding';
import { sharpOf } from './load-sharp';
import { insideFolder } from './inside-folder';

const [TILE, CAPTION, COLUMNS] = [240, 44, 4];

/**
 * A PNG of the worst findings: each with its person (or image), the keypoints and the message.
 * Findings whose image cannot be read, or that do not concern an image, show only their text.
 *
 * @throws Error naming the install command when sharp is missing.
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
  /** Number of findings. @defaultValue 24 */
  readonly limit?: number;
}): Promise<Uint8Array> {
  const sharp = await sharpOf('contactSheet');
  const worst = chosen(findings, limit);
  const byId = new Map(persons.map((person) => [person.id, person]));
  const tiles = await Promise.all(
    worst.map(async ({ check, fileName, id, message }, i) => {
      const person = id === undefined ? undefined : byId.get(id);
      const layers: { input: Buffer; left: number; top: number }[] = [];
      let overlay = '';
      if (fileName !== undefined) {
        try {
          const source = sharp(insideFolder(images, fileName));
          const { width = 1, height = 1 } = await source.metadata();
          layers.push({ input: await source.resize(TILE, TILE, { fit: 'inside' }).png().toBuffer(), left: 0, top: 0 });
          if (person !== undefined && keypointSet !== undefined)
            overlay = drawing(person, keypointSet, [width, height]);
        } catch {
          // The text describes the problem with the image.
        }
      }
      const caption = captionSvg(`${check}${id === undefined ? '' : ` #${id}`}: ${message}`);
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE}" height="${TILE + CAPTION}">${overlay}${caption}</svg>`;
      layers.push({ input: Buffer.from(svg), left: 0, top: 0 });
      const picture = sharp({ create: { width: TILE, height: TILE + CAPTION, channels: 3, background: '#222' } });
      const [left, top] = [(i % COLUMNS) * TILE, Math.floor(i / COLUMNS) * (TILE + CAPTION)];
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

/** The worst of each kind in turn, so that a hundred leaks leave room for the others; those with a picture first. */
function chosen(findings: readonly Finding[], limit: number): Finding[] {
  const kinds = new Map<string, Finding[]>();
  const ranked = [...findings].sort((a, b) => b.severity - a.severity || Number(b.fileName !== undefined) - Number(a.fileName !== undefined)); // prettier-ignore
  for (const finding of ranked) kinds.set(finding.check, [...(kinds.get(finding.check) ?? []), finding]);
  const found: Finding[] = [];
  for (let turn = 0; found.length < Math.min(limit, findings.length); turn++) {
    for (const kind of kinds.values()) found.push(...kind.slice(turn, turn + 1));
  }
  return found.slice(0, limit);
}

/** The person over an image of this size that is scaled into a tile, with lines of constant width. */
function drawing({ box, keypoints }: DiagnosedPerson, skeleton: KeypointSet, size: readonly [number, number]): string {
  const scale = TILE / Math.max(...size);
  // A box without area is itself a finding and cannot be drawn.
  const frame = box !== undefined && box[2] > 0 && box[3] > 0 ? { box } : {};
  const options = { skeleton, size, height: scale * size[1], lineWidth: 1.5 / scale };
  return poseSvg({ ...keypoints, kind: 'truth', ...frame }, options);
}

function captionSvg(text: string): string {
  const all = printable(text).match(/.{1,36}(\s|$)|.{1,36}/g) ?? [];
  const lines = all.length > 3 ? [...all.slice(0, 2), `${all[2]!.trimEnd().slice(0, 35)}…`] : all;
  return lines
    .map(
      (line, n) =>
        `<text x="4" y="${TILE + 12 + 13 * n}" font-size="11" font-family="sans-serif" fill="#fff">${escapeText(line)}</text>`,
    ) // prettier-ignore
    .join('');
}
