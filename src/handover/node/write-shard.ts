import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cropImage, type RgbImage } from '../../datasets';
import { decodeImage } from '../../datasets/node';
import { writeNpy } from '../npy';
import { SHARD_FIELDS, type ShardField, type ShardRecord } from '../settings';
import type { ShardJob, ShardNote, ShardReply, ShardSetup, Unreadable } from './shard-job';

/** Crops keep the values of the photograph: 0 to 255, red first. */
const PIXELS = { channels: 'rgb', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as const;

export const shardFile = (folder: string, name: string, field: ShardField): string =>
  join(folder, `${name}.${field}.npy`);

async function sha256(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/**
 * Compares a shard's files with their checksums.
 *
 * @returns false when a file is missing.
 * @throws Error naming the damaged file.
 */
export async function checkShard(folder: string, { name, sha256: sums }: ShardRecord): Promise<boolean> {
  for (const field of SHARD_FIELDS) {
    const path = shardFile(folder, name, field);
    const found = await sha256(path);
    if (found === undefined) return false;
    if (found !== sums[field]) {
      throw new Error(
        `handover: ${path} must have the checksum of its record. Received: a different one; the file is damaged. Delete it, and run the same command again.`,
      );
    }
  }
  return true;
}

/** Writes a file atomically, so that a file with its name is complete. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/**
 * Writes a shard, unless it already exists: decodes the photographs one after another, crops, and writes each field as `.npy`.
 *
 * @throws Error when one of its files is damaged, or was written for other people or other crops.
 */
export async function writeShard({ images, ...job }: ShardJob, { out }: ShardSetup): Promise<ShardReply> {
  const jobSum = createHash('sha256').update(JSON.stringify(job)).digest('hex');
  const notePath = join(out, `${job.name}.json`);
  const note = await readFile(notePath, 'utf8').then(
    (text) => JSON.parse(text) as ShardNote,
    () => undefined,
  );
  if (note !== undefined) {
    if (note.job !== jobSum) {
      throw new Error(
        `handover: ${notePath} must be of the same people and crops. Received: a shard of another hand-over. Use the same options to continue, or another --out.`,
      );
    }
    const record = { name: job.name, count: note.count, sha256: note.sha256 };
    if (await checkShard(out, record)) return { record, skipped: note.skipped, kept: true };
  }

  const { size } = job;
  const [width, height] = size;
  const length = 3 * width * height;
  const pixels = new Float32Array(length);
  const crops = new Uint8Array(job.persons.length * length);
  const kept: number[] = [];
  const skipped: Unreadable[] = [];
  let last: { readonly fileName: string; readonly image: RgbImage } | undefined;
  for (const [place, { id, fileName, inverse }] of job.persons.entries()) {
    try {
      const path = join(images, fileName);
      if (last?.fileName !== fileName) last = { fileName, image: await decodeImage(path) };
      cropImage(last.image, { inverse, inputSize: size }, { normalization: PIXELS, out: pixels });
      const at = kept.length * length;
      for (let i = 0; i < length; i++) crops[at + i] = pixels[i]! + 0.5; // values are in [0, 255]; storing truncates them
      kept.push(place);
    } catch (error) {
      skipped.push({ id, fileName, detail: (error as Error).message });
    }
  }
  const people = kept.map((place) => job.persons[place]!);
  const N = people.length;
  const K = job.persons[0]!.visibility.length;
  const arrays: Record<ShardField, Uint8Array> = {
    images: writeNpy(crops.subarray(0, N * length), [N, height, width, 3]),
    keypoints: writeNpy(Float64Array.from(people.flatMap(({ keypoints }) => keypoints)), [N, K, 2]),
    visibility: writeNpy(Uint8Array.from(people.flatMap(({ visibility }) => visibility)), [N, K]),
    normalizers: writeNpy(Float64Array.from(people.map(({ normalizer }) => normalizer)), [N]),
  };
  const sums: [ShardField, string][] = [];
  for (const field of SHARD_FIELDS) {
    await writeWhole(shardFile(out, job.name, field), arrays[field]);
    sums.push([field, createHash('sha256').update(arrays[field]).digest('hex')]);
  }
  const record: ShardRecord = {
    name: job.name,
    count: N,
    sha256: Object.fromEntries(sums) as ShardRecord['sha256'],
  };
  const { count, sha256 } = record;
  const written: ShardNote = { job: jobSum, count, sha256, skipped };
  await writeWhole(notePath, new TextEncoder().encode(JSON.stringify(written)));
  return { record, skipped, kept: false };
}
