import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import {
  addAnnotationsJson,
  addResultsJson,
  CocoAccumulator,
  cocoAccumulatorFromBytes,
  type CocoOptions,
  type JsonOptions,
} from '..';

/** What {@link readCocoFiles} reads, beside the evaluation's options. */
export interface CocoFiles extends Pick<JsonOptions, 'keepImage'> {
  /** COCO annotations, `.json` or gzipped. */
  readonly annotations: string;
  /** COCO results, `.json` or gzipped. */
  readonly results: string;
  /** Told how many bytes of the two files, as they lie on disk, have been read, and their total. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/**
 * Reads annotations and results from files of any size into an accumulator.
 *
 * @throws Error of the file system; SyntaxError, TypeError or RangeError naming file, record and field.
 * @example evaluateAccumulator(await readCocoFiles({ annotations: 'gt.json', results: 'dt.json.gz' })).summary.AP
 */
export async function readCocoFiles(
  { annotations, results, keepImage, onProgress }: CocoFiles,
  options: CocoOptions = {},
): Promise<CocoAccumulator> {
  const accumulator = new CocoAccumulator(options);
  const shard = keepImage ? { keepImage } : {};
  const total = (await sizeOf(annotations)) + (await sizeOf(results));
  let read = 0;
  const count = (bytes: number): void => onProgress?.((read += bytes), total);
  await addAnnotationsJson(accumulator, chunksOf(annotations, count), { source: annotations, ...shard });
  await addResultsJson(accumulator, chunksOf(results, count), { source: results, ...shard });
  return accumulator;
}

/**
 * Reads an accumulator that `cocoAccumulatorToBytes` wrote.
 *
 * @throws Error of the file system; RangeError when the file holds no accumulator.
 */
export async function readAccumulatorFile(file: string): Promise<CocoAccumulator> {
  return cocoAccumulatorFromBytes(await readFile(file), file);
}

async function sizeOf(file: string): Promise<number> {
  const handle = await open(file);
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** A file's bytes, as they lie on disk. */
const chunksOf = (file: string, count: (bytes: number) => void): AsyncIterable<Uint8Array> =>
  counted(createReadStream(file, { highWaterMark: 1 << 18 }), count);

async function* counted(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}
