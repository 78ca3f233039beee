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

/** The files that {@link readCocoFiles} reads. */
export interface CocoFiles extends Pick<JsonOptions, 'keepImage'> {
  /** COCO annotations, `.json` or gzip. */
  readonly annotations: string;
  /** COCO results, `.json` or gzip. */
  readonly results: string;
  /** Receives the number of bytes read from the two files, as stored on disk, and their total. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/**
 * Reads annotations and results from files of any size into an accumulator.
 *
 * @throws Error of the file system; SyntaxError, TypeError or RangeError naming the file, the record and the field.
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
 * Reads a file with the output of `cocoAccumulatorToBytes`.
 *
 * @throws Error of the file system; RangeError when the file is not an accumulator.
 * @example const shard = await readAccumulatorFile('shard-0.bin');
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

/** A file's bytes, as stored on disk. */
const chunksOf = (file: string, count: (bytes: number) => void): AsyncIterable<Uint8Array> =>
  counted(createReadStream(file, { highWaterMark: 1 << 18 }), count);

async function* counted(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}
