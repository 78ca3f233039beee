import { plainChunks, type ByteChunks } from './chunks';
import { JsonLists } from './json-lists';

/** One record of a list at the top level of a JSON file. */
export interface JsonRecord {
  readonly list: string;
  readonly index: number;
  readonly value: unknown;
}

/**
 * The records of top-level lists one by one, without holding the file: memory is a chunk and its records. The next chunk is requested only after the last
 * record has been taken. gzip and a byte-order mark are handled.
 *
 * @throws SyntaxError naming the source, the list and the record.
 * @example for await (const { list, value } of jsonRecords(response.body!, { lists: ['annotations'], source: 'a.json' })) …
 */
export async function* jsonRecords(
  chunks: ByteChunks,
  { lists, source }: { readonly lists: readonly string[]; readonly source: string },
): AsyncGenerator<JsonRecord, void> {
  let pending: JsonRecord[] = [];
  const reader = new JsonLists({
    source,
    root: 'annotations',
    lists,
    mustBeObject: true,
    batch: 0,
    onRecords: (list, records, first) => {
      for (let i = 0; i < records.length; i++) pending.push({ list, index: first + i, value: records[i] });
    },
  });
  const taken = (): JsonRecord[] => {
    const records = pending;
    pending = [];
    return records;
  };
  for await (const chunk of plainChunks(chunks, source)) {
    reader.write(chunk);
    yield* taken();
  }
  reader.end();
  yield* taken();
}
