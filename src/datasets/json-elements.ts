import { DatasetError } from './fields';

/** One object of an array that lies at the top level of a JSON file. */
export interface JsonElement {
  /** The key of the array. */
  readonly key: string;
  readonly index: number;
  readonly value: unknown;
}

export interface JsonElementsOptions {
  /** The top-level arrays whose objects are wanted; everything else is passed over. */
  readonly keys: readonly string[];
  /** What errors call the file. */
  readonly source: string;
  /** Most bytes of one object: what bounds the memory. Default 64 MiB. */
  readonly maxElementBytes?: number;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
/** An object that never ends, or a file that is no JSON, is not read to its end. */
const LONGEST_KEY = 1024;

/**
 * Reads the objects of top-level arrays one by one, without holding the file: memory is one chunk and one object. The
 * next chunk is asked for only when the last object has been taken.
 *
 * @throws DatasetError naming file, array, index and byte when an object is no valid JSON, is too long, is no object,
 *   or the file ends too early.
 * @example for await (const { key, value } of jsonElements(response.body!, { keys: ['annotations'], source: 'a.json' })) …
 */
export async function* jsonElements(
  chunks: AsyncIterable<Uint8Array>,
  { keys, source, maxElementBytes = 2 ** 26 }: JsonElementsOptions,
): AsyncGenerator<JsonElement, void> {
  const decoder = new TextDecoder();
  let [depth, at, index] = [0, 0, 0];
  let [inString, escaped] = [false, false];
  /** The bytes of the top-level key being read, or of the object being read. */
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let mode: 'none' | 'key' | 'element' = 'none';
  let key = '';
  let array: string | undefined;
  const fail = (what: string): DatasetError =>
    new DatasetError(`${source}${array === undefined ? '' : `, ${array}[${index}]`}: ${what} (byte ${at}).`);
  const take = (): string => {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode();
    parts = [];
    partBytes = 0;
    mode = 'none';
    return text;
  };

  for await (const chunk of chunks) {
    let begin = 0;
    const keep = (until: number): void => {
      if (until > begin) parts.push(chunk.slice(begin, until));
      partBytes += until - begin;
      if (partBytes > (mode === 'key' ? LONGEST_KEY : maxElementBytes))
        throw fail(`must be shorter than ${partBytes} bytes`);
    };
    for (let i = 0; i < chunk.length; i++, at++) {
      const byte = chunk[i]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          if (mode === 'key') {
            keep(i);
            key = take();
          }
        }
        continue;
      }
      if (byte <= 0x20) continue;
      if (depth === 0 && byte !== OPEN_BRACE) throw fail('must be one JSON object');
      if (depth === 2 && array !== undefined && mode === 'none' && byte !== COMMA && byte !== CLOSE_BRACKET) {
        if (byte !== OPEN_BRACE) throw fail('must be an object');
        mode = 'element';
        begin = i;
      }
      if (byte === QUOTE) {
        inString = true;
        if (depth === 1 && key === '') {
          mode = 'key';
          begin = i + 1;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
        if (depth === 2 && keys.includes(key)) {
          if (byte !== OPEN_BRACKET) throw fail(`${key} must be an array`);
          array = key;
          index = 0;
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (depth === 1) array = undefined;
        if (depth === 2 && mode === 'element') {
          keep(i + 1);
          yield { key: array!, index, value: parse(take(), fail) };
          index++;
        }
      } else if (byte === COMMA && depth === 1) {
        key = '';
      } else if (byte === COLON && depth === 1 && key === '') {
        throw fail('must name every value');
      }
    }
    if (mode !== 'none') keep(chunk.length);
  }
  if (depth !== 0 || at === 0) throw fail('must not end in the middle');
}

function parse(text: string, fail: (what: string) => DatasetError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fail(`must be valid JSON. Received: ${(error as Error).message}`);
  }
}
