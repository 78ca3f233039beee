import { jsonRecords, type JsonRecord } from '../../coco';
import type { Person, Skip } from '../person';
import { cocoBuilder, inDataset, type ReadCocoOptions } from './read-coco';

/** Options of {@link streamCoco}. */
export interface StreamCocoOptions extends ReadCocoOptions {
  /** Called for each skipped record; `readCoco` reports them in `skipped`. */
  readonly onSkip?: (skip: Skip) => void;
}

/**
 * {@link readCoco} for files larger than memory, with or without gzip: yields persons one by one while it reads the file. It reads the file twice,
 * since COCO's files list images before and categories after the annotations. Memory holds the list of
 * images (name and size) and the ids, not the annotations.
 *
 * @param open opens the file; called twice.
 * @throws DatasetError naming the file, the record and the field.
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

/** The records; their errors become errors of the dataset. */
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
