import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { plainText } from '../../coco';
import { inDataset } from '../coco/read-coco';
import { diagnose, type Diagnosis } from '../doctor/diagnose';
import type { Finding } from '../doctor/finding';
import { parseJson } from '../fields';
import { sharpOf } from './decode-image';
import { insideFolder } from './inside-folder';
import { withFile } from './with-file';

export interface DoctorOptions {
  readonly annotations: string;
  /** The folder of the images; without it only the file is checked. */
  readonly images?: string;
  /** A second annotation file (validation), searched for images of the first. */
  readonly validation?: string;
  /** Folder of the second file's images. @defaultValue `images` */
  readonly validationImages?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

interface ImageRecord {
  readonly id: unknown;
  readonly file_name: unknown;
  readonly width: unknown;
  readonly height: unknown;
}

/**
 * {@link diagnose} on a file and its images: reports files that are missing or damaged, sizes that disagree, and images
 * that are also in the validation set (by id, by name or, with folders, by their bytes).
 *
 * Annotations may be compressed by gzip and start with a byte-order mark. File names that lead out of the folder are findings and are not opened.
 *
 * @throws DatasetError when an annotation file cannot be read or is not JSON.
 * @example const { findings, counts } = await doctor({ annotations: 'train.json', images: 'train2017' });
 */
export async function doctor(options: DoctorOptions): Promise<Diagnosis> {
  const { annotations, images, validation, validationImages = images, onProgress } = options;
  const json = await readJson(annotations);
  const diagnosis = diagnose(json);
  const findings: Finding[] = [...diagnosis.findings];
  const records = imagesOf(json);
  const hashes = new Map<string, string>();
  if (images !== undefined) {
    for (const [i, image] of records.entries()) {
      findings.push(...(await lookAt(image, images, hashes)));
      onProgress?.(i + 1, records.length);
    }
  }
  if (validation !== undefined) {
    const others = imagesOf(await readJson(validation));
    findings.push(...(await leaks(records, others, hashes, validationImages)));
  }
  return { ...diagnosis, findings };
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

async function lookAt(image: ImageRecord, folder: string, hashes: Map<string, string>): Promise<Finding[]> {
  const fileName = String(image.file_name);
  const sharp = await sharpOf();
  try {
    const bytes = await readFile(insideFolder(folder, fileName));
    hashes.set(createHash('sha1').update(bytes).digest('hex'), fileName);
    // Statistics decode every pixel; the header alone would not reveal a truncated file.
    const picture = sharp(bytes, { failOn: 'error' });
    const { width, height } = await picture.metadata();
    await picture.stats();
    if (width === image.width && height === image.height) return [];
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
  hashes: ReadonlyMap<string, string>,
  folder: string | undefined,
): Promise<Finding[]> {
  const ids = new Set(train.map(({ id }) => id));
  const names = new Set(train.map(({ file_name }) => file_name));
  const findings: Finding[] = [];
  for (const { id, file_name } of validation) {
    const fileName = String(file_name);
    let why: string | undefined;
    if (names.has(file_name)) why = 'the same file name is in the training set.';
    else if (ids.has(id)) why = `image id ${String(id)} is in the training set.`;
    else if (folder !== undefined && hashes.size > 0) {
      const bytes = await read(folder, fileName).catch(() => undefined);
      const twin = bytes && hashes.get(createHash('sha1').update(bytes).digest('hex'));
      if (twin !== undefined) why = `the training set has the same bytes as ${twin}.`;
    }
    if (why !== undefined) findings.push({ check: 'leak', severity: 1, fileName, message: why });
  }
  return findings;
}
