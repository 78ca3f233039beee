import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Person } from 'poseblocks/datasets';
import { seededRandom } from 'poseblocks/random';
import sharp from 'sharp';

/** Side of a stretched image, pixels: that of the network's input with a margin of a quarter. */
const SIDE = 176;
/** A person's padded box is the whole image. */
const PADDING = 1.25;

/**
 * What paper 000's protocol shows a network: a whole image, stretched to a square. An image of Leeds Sports Poses is taken whole; of the extended set, whose people are
 * small in their images, a region around the person with margins like those of Leeds. Ids continue after `first`.
 *
 * @param data folder of the photographs. `folder` receives the stretched ones, as JPEG.
 */
export async function stretchedPeople(
  persons: readonly Person[],
  data: string,
  folder: string,
  first: number,
): Promise<Person[]> {
  const made: Person[] = [];
  for (const person of persons) {
    const [left, top, width, height] = regionOf(person);
    if (width < 8 || height < 8) continue;
    const fileName = join('stretched', `${person.fileName}.jpg`);
    const path = join(folder, fileName);
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      await sharp(join(data, person.fileName))
        .extract({ left, top, width, height })
        .resize(SIDE, SIDE, { fit: 'fill' })
        .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
        .toFile(path);
    }
    const { xy, score } = person.keypoints;
    const moved = xy.map((value, i) =>
      i % 2 === 0 ? (value - left + 0.5) * (SIDE / width) - 0.5 : (value - top + 0.5) * (SIDE / height) - 0.5,
    );
    const inner = SIDE / PADDING;
    const box = [(SIDE - inner) / 2, (SIDE - inner) / 2, inner, inner] as const;
    const keypoints = { frame: 'image' as const, xy: moved, score };
    made.push({
      ...person,
      id: first + made.length,
      fileName,
      imageSize: [SIDE, SIDE],
      box,
      area: inner ** 2,
      keypoints,
    });
  }
  return made;
}

/** [left, top, width, height] in whole pixels. */
function regionOf({ id, fileName, box, imageSize }: Person): [number, number, number, number] {
  const [width, height] = imageSize!;
  if (fileName.startsWith('lsp/')) return [0, 0, width, height];
  const random = seededRandom(7, id);
  const long = Math.max(box[2], box[3]);
  const margin = (): number => long * random.uniform(0.08, 0.25);
  const [x, y, w, h] = box;
  const left = Math.max(0, Math.floor(x - margin()));
  const top = Math.max(0, Math.floor(y - margin()));
  const right = Math.min(width, Math.ceil(x + w + margin()));
  const bottom = Math.min(height, Math.ceil(y + h + margin()));
  return [left, top, right - left, bottom - top];
}
