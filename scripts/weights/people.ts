import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { joinDatasets, lspSplit, type Person, type PoseDataset, type RgbImage } from 'poseblocks/datasets';
import { decodeImage, imageFolder, readLspFile, withImageSizes } from 'poseblocks/datasets/node';
import sharp from 'sharp';

/** A person's padded box becomes at most so many pixels high: what the augmentation's smallest crop still shows at full sharpness. */
const KEPT = 192;
/** How far the augmentation may reach: 1.25 times the padded box, turned by 45 degrees. */
const REACH = 1.77;

export interface People {
  readonly persons: readonly Person[];
  readonly readImage: (person: Person) => RgbImage | Promise<RgbImage>;
}

/** The 1,000 people of the test part, with the sizes of their images. */
export async function testPeople(data: string): Promise<People> {
  const folder = join(data, 'lsp/images');
  const lsp = await readLspFile(join(data, 'lsp/joints.mat'));
  const { persons } = await withImageSizes(lspSplit(lsp, 'test'), folder);
  return { persons, readImage: imageFolder(folder, { cache: 1000 }) };
}

/** The training part of Leeds Sports Poses and of its extended set what is there. */
export async function trainingDataset(data: string): Promise<PoseDataset> {
  const lsp = lspSplit(await readLspFile(join(data, 'lsp/joints.mat')), 'train');
  const extended = await readLspFile(join(data, 'lspet/joints.mat'));
  return joinDatasets([
    { dataset: await withImageSizes(lsp, join(data, 'lsp/images')), folder: 'lsp/images' },
    { dataset: await withImageSizes(extended, join(data, 'lspet/images')), folder: 'lspet/images' },
  ]);
}

interface Kept extends Person {
  /** Where the pixels begin in the file of pixels, and how many there are. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
}

/** {@link trainingDataset} with each image cut around its person and shrunk, once, so that no epoch pays for decoding; kept in `folder`. */
export async function trainingPeople(data: string, folder: string): Promise<People> {
  const [table, pixels] = [join(folder, 'people.json'), join(folder, 'people.rgb')];
  if (!existsSync(table)) await cut(await trainingDataset(data), data, table, pixels);
  const kept = (JSON.parse(readFileSync(table, 'utf8')) as Kept[]).map(revived);
  const places = new Map(kept.map((person) => [person.id, person]));
  const file = openSync(pixels, 'r');
  return {
    persons: kept,
    readImage: ({ id }) => {
      const { at, width, height } = places.get(id)!;
      const bytes = new Uint8Array(3 * width * height);
      readSync(file, bytes, 0, bytes.length, at);
      return { width, height, data: bytes };
    },
  };
}

async function cut({ persons }: PoseDataset, data: string, table: string, pixels: string): Promise<void> {
  mkdirSync(join(table, '..'), { recursive: true });
  const file = openSync(pixels, 'w');
  const kept: Kept[] = [];
  let at = 0;
  for (const person of persons) {
    const image = await decodeImage(join(data, person.fileName));
    const [x, y, w, h] = person.box;
    const side = 1.25 * Math.max(w, h);
    const reach = (REACH * side) / 2 + 2;
    const clamp = (value: number, high: number): number => Math.min(high, Math.max(0, value));
    const left = clamp(Math.floor(x + w / 2 - reach), image.width);
    const top = clamp(Math.floor(y + h / 2 - reach), image.height);
    const wide = clamp(Math.ceil(x + w / 2 + reach), image.width) - left;
    const high = clamp(Math.ceil(y + h / 2 + reach), image.height) - top;
    if (wide < 8 || high < 8) continue; // annotated outside the photograph
    const factor = Math.min(1, KEPT / side);
    const [width, height] = [Math.max(1, Math.round(wide * factor)), Math.max(1, Math.round(high * factor))];
    const bytes = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
      .extract({ left, top, width: wide, height: high })
      .resize(width, height, { fit: 'fill' })
      .raw()
      .toBuffer();
    const [fx, fy] = [width / wide, height / high];
    const toX = (value: number): number => (value - left + 0.5) * fx - 0.5;
    const toY = (value: number): number => (value - top + 0.5) * fy - 0.5;
    const { xy, score } = person.keypoints;
    kept.push({
      ...person,
      imageSize: [width, height],
      box: [toX(x), toY(y), w * fx, h * fy],
      area: w * fx * h * fy,
      keypoints: { frame: 'image', xy: xy.map((value, i) => (i % 2 === 0 ? toX(value) : toY(value))), score },
      at,
      width,
      height,
    });
    writeSync(file, bytes);
    at += bytes.length;
  }
  closeSync(file);
  const plain = kept.map((person) => ({
    ...person,
    keypoints: { ...person.keypoints, xy: [...person.keypoints.xy], score: [...person.keypoints.score] },
  }));
  writeFileSync(`${table}.partial`, JSON.stringify(plain));
  renameSync(`${table}.partial`, table); // last, so that a table that is there is whole
}

const revived = (person: Kept): Kept => ({
  ...person,
  keypoints: {
    frame: 'image',
    xy: Float32Array.from(person.keypoints.xy),
    score: Float32Array.from(person.keypoints.score),
  },
});
