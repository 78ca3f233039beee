import { jsonRecords, type JsonRecord } from '../../coco';
import type { Person, Skip } from '../person';
import { cocoBuilder, inDataset, type ReadCocoOptions } from './read-coco';

export interface StreamCocoOptions extends ReadCocoOptions {
  /** Called for each record left out, as `readCoco` reports in `skipped`. */
  readonly onSkip?: (skip: Skip) => void;
}

/**
 * {@link readCoco} for files larger than memory, compressed by gzip or not: persons one by one, the file read as they are taken. It is read twice,
 * since COCO's own files list images before, and categories after the annotations. What stays in memory is the list of
 * images (name and size) and the ids, not the annotations.
 *
 * @param open begins to read the file; called twice.
 * @throws DatasetError naming file, record and field.
 * @example
 * for await (const person of streamCoco(() => createReadStream('train2017.json'), { onSkip: console.warn })) …
 */
export async function* streamCoco(
  open: () => AsyncIterable<Uint8Array>,
  { onSkip, ...options }: StreamCocoOptions = {},
): AsyncGenerator<Person, void> {
  const source = options.source ?? 'annotations';
  const builder = cocoBuilder({ ...options, source });
  for await (const { list, index, value } of records(open(), ['images', 'categories'], source)) {
    if (list === 'images') builder.image(value, index);
    else builder.category(value, index);
  }
  builder.keypointSet();
  for await (const { index, value } of records(open(), ['annotations'], source)) {
    const result = builder.annotation(value, index);
    if ('reason' in result) onSkip?.(result);
    else yield result;
  }
}

/** The records, whose errors are the dataset's. */
async function* records(
  chunks: AsyncIterable<Uint8Array>,
  lists: readonly string[],
  source: string,
): AsyncGenerator<JsonRecord, void> {
  try {
    yield* jsonRecords(chunks, { lists, source });
  } catch (error) {
    inDataset(() => {
      throw error;
    });
  }
}
