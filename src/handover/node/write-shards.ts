import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { personCrop, type Person } from '../../datasets';
import { typescriptWorker } from '../../engines/node';
import { boxToCrop, cropFromMatrix } from '../../geometry';
import type { Size } from '../../keypoints';
import type { ShardRecord } from '../settings';
import { beside } from './beside';
import type { ShardJob, ShardReply, ShardSetup, Unreadable } from './shard-job';

/** People that are written together. */
export interface ShardPart {
  /** Prefix of the shards: `training/00000`. */
  readonly name: string;
  readonly persons: readonly Person[];
  /** Folder of the photographs. */
  readonly images: string;
  /** [width, height] of the stored crops: the network's input with an equal margin on both sides. */
  readonly size: Size;
}

export interface WriteShardsOptions {
  readonly out: string;
  readonly inputSize: Size;
  /** Padding of a person's box; persons with a centre and a scale (MPII) use those. */
  readonly padding: number;
  readonly shardSize: number;
  readonly workers: number;
  readonly onProgress?: (persons: number, kept: boolean) => void;
  readonly onSkip?: (skip: Unreadable) => void;
}

/** The stored crop of a person: the network's crop with a margin around it. */
function stored(person: Person, inputSize: Size, padding: number, size: Size): ShardJob['persons'][number] {
  const hasOwn = person.center !== undefined && person.scale !== undefined;
  const plain = hasOwn ? personCrop(person, inputSize) : boxToCrop(person.box, inputSize, { padding });
  const [a, b, c, d, e, f] = plain.matrix;
  const [dx, dy] = [(size[0] - inputSize[0]) / 2, (size[1] - inputSize[1]) / 2];
  const { matrix, inverse } = cropFromMatrix([a, b, c + dx, d, e, f + dy], size);
  const { xy, score } = person.keypoints;
  const keypoints = Array.from(score, (_, k) => {
    const [x, y] = [xy[2 * k]!, xy[2 * k + 1]!];
    if (!(score[k]! > 0)) return [0, 0];
    return [matrix[0] * x + matrix[1] * y + matrix[2], matrix[3] * x + matrix[4] * y + matrix[5]];
  }).flat();
  const [, , width, height] = person.box;
  return {
    id: person.id,
    fileName: person.fileName,
    inverse,
    keypoints,
    visibility: Array.from(score),
    normalizer: Math.max(width, height) * Math.sqrt(Math.abs(a * e - b * d)),
  };
}

function startWorker(workerData: ShardSetup): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(beside('node/shards.worker.js'), { workerData });
  return typescriptWorker(pathToFileURL(beside('node/shards.worker.ts')), { workerData });
}

/**
 * Writes people as shards in several threads: for each part, its shards. Existing shards are compared with their checksums and kept, so that
 * an interrupted run resumes.
 *
 * @throws Error when an existing shard is damaged or belongs to another hand-over, or a worker fails.
 */
export async function writeShards(parts: readonly ShardPart[], options: WriteShardsOptions): Promise<ShardRecord[][]> {
  const { out, inputSize, padding, shardSize, onProgress, onSkip } = options;
  const numbers = parts.flatMap(({ persons }, part) =>
    Array.from({ length: Math.ceil(persons.length / shardSize) }, (_, number) => ({ part, number })),
  );
  for (const { name } of parts) await mkdir(join(out, name), { recursive: true });
  const records: ShardRecord[][] = parts.map(() => []);
  let next = 0;

  async function work(): Promise<void> {
    const worker = startWorker({ out });
    try {
      while (next < numbers.length) {
        const { part, number } = numbers[next++]!;
        const { name, persons, images, size } = parts[part]!;
        const people = persons.slice(number * shardSize, (number + 1) * shardSize);
        const { record, skipped, kept } = await ask(worker, {
          name: `${name}/${String(number).padStart(5, '0')}`,
          images,
          size,
          persons: people.map((person) => stored(person, inputSize, padding, size)),
        });
        skipped.forEach((skip) => onSkip?.(skip));
        records[part]![number] = record;
        onProgress?.(people.length, kept);
      }
    } catch (error) {
      next = numbers.length; // the other workers finish their current shards
      throw error;
    } finally {
      await worker.terminate();
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.workers, numbers.length) }, work));
  return records.map((part) => part.filter(({ count }) => count > 0));
}

function ask(worker: Worker, job: ShardJob): Promise<ShardReply> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: { reply: ShardReply } | { error: string }): void => {
      end();
      if ('reply' in message) resolve(message.reply);
      else reject(new Error(message.error));
    };
    const onError = (cause: Error): void => {
      end();
      reject(new Error(`handover: a worker must not fail. Received: ${cause.message}`, { cause }));
    };
    const onExit = (code: number): void => {
      end();
      reject(new Error(`handover: a worker must not end early. Received: exit code ${code}.`));
    };
    const end = (): void => void worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(job);
  });
}
