import { Gunzip } from 'fflate';

/** Bytes of a document in chunks: a file stream, a fetched body, or an array. */
export type ByteChunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Bytes of compressed data per step. */
const STEP = 2 ** 14;
/** Maximum ratio of unpacked to compressed size. JSON of annotations compresses five to thirty times. */
const [MOST_TIMES, FLOOR] = [128, 2 ** 26];

/**
 * The text of an annotation file as it arrives: gzip is decompressed, a byte-order mark is removed.
 *
 * @param source name of the file in errors
 * @throws RangeError when compressed data is damaged, or decompresses to more than 128 times its size (and 64 MiB).
 * @example for await (const bytes of plainChunks(createReadStream('train.json.gz'), 'train.json.gz')) parser.write(bytes);
 */
export async function* plainChunks(chunks: ByteChunks, source: string): AsyncGenerator<Uint8Array, void> {
  const unpack = unpacker(source);
  let beginning: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of unpack(chunks)) {
    if (beginning === undefined) {
      yield chunk;
      continue;
    }
    const joined = join([beginning, chunk]);
    beginning = joined.length < 3 ? joined : undefined;
    if (beginning === undefined) yield withoutMark(joined);
  }
  if (beginning !== undefined && beginning.length > 0) yield beginning;
}

/**
 * The text of a whole annotation file: gzip is decompressed, a byte-order mark is removed.
 *
 * @param source name of the file in errors
 * @throws RangeError as {@link plainChunks} does.
 * @example JSON.parse(plainText(await readFile('train.json.gz'), 'train.json.gz'))
 */
export function plainText(bytes: Uint8Array, source: string): string {
  if (!isPacked(bytes)) return new TextDecoder().decode(bytes);
  const gunzip = gunzipper(source);
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += STEP) {
    parts.push(...gunzip(bytes.subarray(from, from + STEP), from + STEP >= bytes.length));
  }
  return new TextDecoder().decode(join(parts));
}

const isPacked = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

function unpacker(source: string): (chunks: ByteChunks) => AsyncGenerator<Uint8Array, void> {
  return async function* unpack(chunks) {
    let gunzip: ReturnType<typeof gunzipper> | undefined;
    let held: Uint8Array | undefined = new Uint8Array(0);
    for await (const chunk of chunks) {
      let next = chunk;
      if (held !== undefined) {
        next = join([held, chunk]);
        held = next.length < 2 ? next : undefined;
        if (held !== undefined) continue;
        if (isPacked(next)) gunzip = gunzipper(source);
      }
      if (!gunzip) {
        yield next;
        continue;
      }
      for (let from = 0; from < next.length; from += STEP) yield* gunzip(next.subarray(from, from + STEP), false);
    }
    if (held !== undefined && held.length > 0) yield held;
    if (gunzip) yield* gunzip(new Uint8Array(0), true);
  };
}

/** Takes compressed chunks and returns what each decompresses to. */
function gunzipper(source: string): (piece: Uint8Array, isLast: boolean) => Uint8Array[] {
  let out: Uint8Array[] = [];
  let [read, made, ended] = [0, 0, false];
  const gunzip = new Gunzip((chunk, final) => {
    made += chunk.length;
    ended = final;
    if (chunk.length > 0) out.push(chunk);
  });
  return (piece, isLast) => {
    out = [];
    read += piece.length;
    try {
      gunzip.push(piece, isLast);
    } catch (cause) {
      throw new RangeError(`${source}: must be intact gzip data. Received: damage near byte ${read}.`, { cause }); // prettier-ignore
    }
    if (isLast && !ended) throw new RangeError(`${source}: must be complete gzip data. Received: an end at byte ${read}.`); // prettier-ignore
    if (made > MOST_TIMES * read + FLOOR) {
      throw new RangeError(`${source}: must be at most ${MOST_TIMES} times as large when decompressed. Received: ${made} bytes of the first ${read}.`); // prettier-ignore
    }
    return out;
  };
}
