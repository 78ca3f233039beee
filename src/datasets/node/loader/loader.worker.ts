import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { RgbImage } from '../../image';
import { decodeImage } from '../decode-image';
import type { Read, RenderedBatch, Reply, Request, WorkerSetup } from './messages';
import { renderBatch } from './render-batch';

/** A thread of `topDownLoader`: makes the batches that it receives, in order. */
const port = parentPort!;
const { images, normalization, readTimeout } = workerData as WorkerSetup;
const cancelled = new Set<number>();

type ReadImage = (person: Read) => RgbImage | Promise<RgbImage>;
const reader: Promise<ReadImage> =
  'folder' in images
    ? Promise.resolve(fileReader(images.folder))
    : import(images.module).then(({ default: read }: { default?: unknown }) => {
        if (typeof read === 'function') return read as ReadImage;
        throw new TypeError(
          `topDownLoader: the default export of ${images.module} must be a function. Received: ${typeof read}.`,
        );
      });
reader.catch(() => undefined); // each job reports it

/**
 * Reads synchronously, since nothing else runs in this thread; keeps the last image, because the next person may be in it.
 */
function fileReader(folder: string): ReadImage {
  let last: { readonly fileName: string; readonly image: Promise<RgbImage> } | undefined;
  return ({ fileName }) => {
    if (last?.fileName !== fileName) {
      const path = join(folder, fileName);
      const file = readFileSync(path);
      last = { fileName, image: decodeImage(file, { name: path }) };
    }
    return last.image;
  };
}

async function answer({ run, id, job }: Exclude<Request, { cancel: number }>): Promise<void> {
  const reply = (message: Reply, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  try {
    const wanted = (): boolean => !cancelled.has(run);
    const batch = await renderBatch(job, { readImage: await reader, normalization, readTimeout, wanted });
    if (batch === undefined) reply({ id, cancelled: true });
    else reply({ id, batch }, memoryOf(batch));
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

function memoryOf({ target }: RenderedBatch): ArrayBuffer[] {
  const arrays = target === undefined ? [] : [...target.target, target.weights].map(({ values }) => values);
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

let last: Promise<void> = Promise.resolve();
port.on('message', (request: Request) => {
  if ('cancel' in request) cancelled.add(request.cancel);
  else last = last.then(() => answer(request));
});
