import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { plainText } from '../../coco';
import { inDataset } from '../coco/read-coco';
import { diagnose, type Diagnosis } from '../doctor/diagnose';
import type { Finding } from '../doctor/finding';
import { writeCoco } from '../coco/write-coco';
import { DatasetError, parseJson } from '../fields';
import { sharpOf } from './load-sharp';
import { insideFolder } from './inside-folder';
import { hashDistance, isTelling, NEAR, pictureHash } from './picture-hash';
import { readPoseFile } from './pose-file';
import { withFile } from './with-file';

/** Options of {@link doctor}. */
export interface DoctorOptions {
  /** Path of the annotation file. */
  readonly annotations: string;
  /** The folder of the images; without it only the file is checked. */
  readonly images?: string;
  /** A second annotation file (validation), searched for images of the first. */
  readonly validation?: string;
  /** Folder of the second file's images. @defaultValue `images` */
  readonly validationImages?: string;
  /** Called after each image. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface ImageRecord {
  readonly id: unknown;
  readonly file_name: unknown;
  readonly width: unknown;
  readonly height: unknown;
}

/** The findings of {@link doctor}, and the sizes of the image files by name, for `fixCoco`. */
export interface FileDiagnosis extends Diagnosis {
  readonly sizes: ReadonlyMap<string, readonly [width: number, height: number]>;
}

/** The bytes, the hash and the size of each image. */
interface Seen {
  readonly hashes: Map<string, string>;
  readonly looks: Map<string, Uint32Array>;
  readonly sizes: Map<string, readonly [width: number, height: number]>;
}

/**
 * {@link diagnose} on a file and its images: reports files that are missing or damaged, sizes that disagree, and images
 * that are also in the validation set (by id, by name or, with folders, by their bytes), or that are nearly the same as one of it. For COCO, MPII and LSP.
 *
 * Annotations may be compressed by gzip and start with a byte-order mark. File names that lead out of the folder are findings and are not opened.
 *
 * @throws DatasetError when an annotation file cannot be read or is not JSON.
 * @example const { findings, counts } = await doctor({ annotations: 'train.json', images: 'train2017' });
 */
export async function doctor(options: DoctorOptions): Promise<FileDiagnosis> {
  const { annotations, images, validation, validationImages = images, onProgress } = options;
  const { json, sized } = await recordsOf(annotations);
  const seen: Seen = { hashes: new Map(), looks: new Map(), sizes: new Map() };
  const findings: Finding[] = [];
  const records = imagesOf(json);
  if (images !== undefined) {
    for (const [i, image] of records.entries()) {
      findings.push(...(await lookAt(image, images, seen, sized)));
      onProgress?.(i + 1, records.length);
    }
  }
  // Where the annotations have no sizes, those of the files are used.
  const known = sized ? json : withSizes(json, seen.sizes);
  const diagnosis = diagnose(known);
  findings.unshift(...diagnosis.findings);
  if (validation !== undefined) {
    const others = imagesOf((await recordsOf(validation)).json);
    findings.push(...(await leaks(records, others, seen, validationImages, sized)));
  }
  return { ...diagnosis, findings, sizes: seen.sizes };
}

/** A COCO file unchanged, with all its mistakes; other formats converted to it, with new ids counted from 1 and without image sizes. */
async function recordsOf(path: string): Promise<{ json: unknown; sized: boolean }> {
  const json = /\.mat$/i.test(path) ? undefined : await readJson(path);
  const isList = Array.isArray(json) && json.length > 0;
  if (json !== undefined && !isList) return { json, sized: true };
  const { persons, keypointSet } = await readPoseFile(path);
  if (persons.length === 0) throw new DatasetError(`${path}: must hold a person with keypoints. Received: none.`);
  const file = writeCoco({ persons: persons.map((person, i) => ({ ...person, id: i + 1 })), keypointSet });
  return { json: { ...file, images: file.images.map(({ id, file_name: name }) => ({ id, file_name: name })) }, sized: false }; // prettier-ignore
}

function withSizes(json: unknown, sizes: Seen['sizes']): unknown {
  const file = json as { images: { file_name: string }[] };
  const images = file.images.map((image) => {
    const size = sizes.get(image.file_name);
    return size ? { ...image, width: size[0], height: size[1] } : image;
  });
  return { ...file, images };
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await withFile(path, () => readFile(path));
  return parseJson(
    inDataset(() => plainText(bytes, path)),
    path,
  );
}

function imagesOf(json: unknown): readonly ImageRecord[] {
  const images = (json as { images?: unknown } | null)?.images;
  return Array.isArray(images) ? images.filter((image) => typeof image === 'object' && image !== null) : [];
}

async function lookAt(image: ImageRecord, folder: string, seen: Seen, sized: boolean): Promise<Finding[]> {
  const fileName = String(image.file_name);
  const sharp = await sharpOf('doctor');
  try {
    const bytes = await readFile(insideFolder(folder, fileName));
    seen.hashes.set(createHash('sha1').update(bytes).digest('hex'), fileName);
    // Statistics decode every pixel; the header alone would not reveal a truncated file.
    const picture = sharp(bytes, { failOn: 'error' });
    const { width, height } = await picture.metadata();
    await picture.stats();
    seen.sizes.set(fileName, [width, height]);
    seen.looks.set(fileName, await pictureHash(bytes));
    if (!sized || (width === image.width && height === image.height)) return [];
    const message = `the file is ${width} × ${height}, the record says ${String(image.width)} × ${String(image.height)}.`;
    return [{ check: 'image-size', severity: 1, fileName, message }];
  } catch (error) {
    return [{ check: 'unreadable-image', severity: 1, fileName, message: (error as Error).message }];
  }
}

const read = async (folder: string, fileName: string): Promise<Uint8Array> => readFile(insideFolder(folder, fileName));

async function leaks(
  train: readonly ImageRecord[],
  validation: readonly ImageRecord[],
  { hashes, looks }: Seen,
  folder: string | undefined,
  sized: boolean,
): Promise<Finding[]> {
  const ids = new Set(sized ? train.map(({ id }) => id) : []); // new ids have no meaning
  const names = new Set(train.map(({ file_name }) => file_name));
  const findings: Finding[] = [];
  for (const { id, file_name } of validation) {
    const fileName = String(file_name);
    let why: string | undefined;
    let bytes: Uint8Array | undefined;
    if (names.has(file_name)) why = 'the same file name is in the training set.';
    else if (ids.has(id)) why = `image id ${String(id)} is in the training set.`;
    else if (folder !== undefined && hashes.size > 0) {
      bytes = await read(folder, fileName).catch(() => undefined);
      const twin = bytes && hashes.get(createHash('sha1').update(bytes).digest('hex'));
      if (twin !== undefined) why = `the training set has the same bytes as ${twin}.`;
    }
    if (why !== undefined) findings.push({ check: 'leak', severity: 1, fileName, message: why });
    else if (bytes !== undefined) findings.push(...(await nearOf(bytes, fileName, looks)));
  }
  return findings;
}

/** The training image that looks the same, if any. */
async function nearOf(bytes: Uint8Array, fileName: string, looks: Seen['looks']): Promise<Finding[]> {
  const own = await pictureHash(bytes).catch(() => undefined); // an unreadable image is not a near duplicate
  if (own === undefined || !isTelling(own)) return [];
  let [best, twin] = [NEAR + 1, ''];
  for (const [name, look] of looks) {
    const distance = hashDistance(own, look, NEAR);
    if (distance < best) [best, twin] = [distance, name];
  }
  if (best > NEAR) return [];
  return [{ check: 'near-duplicate', severity: 0.5, fileName, message: `looks like ${twin} of the training set.` }];
}
