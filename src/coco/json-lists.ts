import { boundedText } from '../bytes';
import { describe } from './fields';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const batchBytes = 1 << 16;
/** Maximum bytes of one record or ignored value, and maximum nesting depth of either. */
const [LONGEST, DEEPEST] = [1 << 24, 128];

/** Options of {@link JsonLists}. */
export interface JsonListsOptions {
  /** Name of the document in errors: its file name. */
  readonly source: string;
  /** Name of the list when the document itself is an array. */
  readonly root: string;
  /** Lists to report when the document is an object; null when it must be an array. */
  readonly lists: readonly string[] | null;
  /** Receives consecutive records of a list. */
  readonly onRecords: (list: string, records: readonly unknown[], first: number) => void;
  /** Bytes of records passed on together. @defaultValue 65,536 */
  readonly batch?: number;
  /** Rejects a document that is an array. */
  readonly mustBeObject?: boolean;
  /** Called for each list as it starts, including empty lists. */
  readonly onList?: (list: string) => void;
}

type State = 'start' | 'key' | 'in key' | 'colon' | 'value' | 'skip' | 'list' | 'after list' | 'end';

/**
 * Reads the records of the long lists of a JSON document as its bytes arrive, so that a file of any size needs the memory of
 * a few records only. Every value is checked to be JSON; values outside the requested lists are then dropped. A record may have at most
 * 16 MiB and 128 levels of nesting.
 *
 * @throws SyntaxError naming source and record.
 */
export class JsonLists {
  private readonly options: JsonListsOptions;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private state: State = 'start';
  /** Holds `length` bytes. It grows by doubling, so that a long value is not copied with every chunk. */
  private buffer = new Uint8Array(batchBytes);
  private length = 0;
  /** Start of the current token or batch in the buffer. */
  private mark = 0;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private isObject = false;
  private afterComma = false;
  private name = '';
  private index = 0;
  /** Bytes of the document before the buffer. */
  private passed = 0;

  constructor(options: JsonListsOptions) {
    this.options = options;
  }

  write(chunk: Uint8Array): void {
    const kept = this.length - this.mark;
    if (kept > LONGEST) this.fail(`${this.place()} must be at most ${LONGEST} bytes. Received: more.`);
    if (kept + chunk.length > this.buffer.length) {
      const grown = new Uint8Array(2 * (kept + chunk.length));
      grown.set(this.buffer.subarray(this.mark, this.length));
      this.buffer = grown;
    } else if (this.mark > 0) this.buffer.copyWithin(0, this.mark, this.length);
    this.buffer.set(chunk, kept);
    this.length = kept + chunk.length;
    this.passed += this.mark;
    this.mark = 0;
    let at = kept;
    while (at < this.length) at = this.step(at);
    if (!['in key', 'skip', 'list'].includes(this.state)) this.mark = this.length;
  }

  end(): void {
    if (this.state === 'end') return;
    if (this.state === 'start') this.fail('must hold JSON. Received: nothing.');
    const inside =
      this.state === 'list' ? ` inside ${this.name}, after record ${this.index + this.pendingRecords()}` : '';
    this.fail(`must be complete. Received: an end at byte ${this.passed + this.length}${inside}.`);
  }

  /** Continues reading at a byte; returns the next position. */
  private step(at: number): number {
    const byte = this.buffer[at]!;
    switch (this.state) {
      case 'list':
        return this.scan(at, CLOSE_LIST);
      case 'skip':
        return this.scan(at, CLOSE_OBJECT);
      case 'in key':
        return this.scanKey(at);
      default:
    }
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return at + 1;
    if (this.state === 'start' && byte === OPEN_LIST && !this.options.mustBeObject)
      return this.enterList(this.options.root, at);
    if (this.state === 'start' && byte === OPEN_OBJECT && this.options.lists) {
      this.isObject = true;
      return this.enter('key', at + 1);
    }
    if (this.state === 'key' && byte === QUOTE) return this.enter('in key', at);
    if (this.state === 'key' && byte === CLOSE_OBJECT && !this.afterComma) return this.enter('end', at + 1);
    if (this.state === 'colon' && byte === COLON) return this.enter('value', at + 1);
    if (this.state === 'value') {
      if (this.options.lists!.includes(this.name)) {
        if (byte === OPEN_LIST) return this.enterList(this.name, at);
        this.fail(
          `"${this.name}" must be a list. Received: ${describe(String.fromCharCode(byte))} at byte ${this.passed + at}.`,
        );
      }
      return this.enter('skip', at);
    }
    if (this.state === 'after list' && byte === COMMA) return this.nextKey(at);
    if (this.state === 'after list' && byte === CLOSE_OBJECT) return this.enter('end', at + 1);
    if (this.state === 'start' && byte === OPEN_OBJECT)
      this.fail('must be a list of records, [{ … }, …]. Received: an object. If the list is in one of its fields, write that list alone to a file; annotations are not results.'); // prettier-ignore
    const start = this.options.mustBeObject ? '{' : this.options.lists ? '[ or {' : '[';
    const must = { start: `start with ${start}`, end: 'end here' }[this.state as string];
    return this.fail(
      `must ${must ?? 'be JSON'} at byte ${this.passed + at}. Received: ${describe(String.fromCharCode(byte))}.`,
    );
  }

  private enter(state: State, at: number): number {
    this.state = state;
    this.mark = at;
    this.depth = 0;
    return state === 'in key' ? at + 1 : at; // after its quote
  }

  private enterList(name: string, at: number): number {
    this.name = name;
    this.index = 0;
    this.options.onList?.(name);
    return this.enter('list', at + 1);
  }

  private nextKey(at: number): number {
    this.afterComma = true;
    return this.enter('key', at + 1);
  }

  /** Skips values up to the comma or bracket that ends one at depth 0. */
  private scan(from: number, close: number): number {
    const { buffer, length } = this;
    let { depth, inString, escaped } = this;
    let at = from;
    for (; at < length; at++) {
      const byte = buffer[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (++depth > DEEPEST)
          this.fail(`${this.place()} must be nested at most ${DEEPEST} deep. Received: JSON that is deeper.`);
      } else if (depth > 0 && (byte === CLOSE_OBJECT || byte === CLOSE_LIST)) depth--;
      else if (depth === 0 && (byte === CLOSE_OBJECT || byte === CLOSE_LIST)) break;
      else if (
        depth === 0 &&
        byte === COMMA &&
        (this.state === 'skip' || at - this.mark > (this.options.batch ?? batchBytes))
      )
        break;
    }
    Object.assign(this, { depth, inString, escaped });
    if (at === length) return at;
    const byte = buffer[at]!;
    if (byte !== COMMA && byte !== close) {
      this.fail(`must be JSON at byte ${this.passed + at}. Received: ${describe(String.fromCharCode(byte))}.`);
    }
    if (this.state === 'skip') {
      this.parse(this.text(this.mark, at), `"${this.name}"`);
      return byte === COMMA ? this.nextKey(at) : this.enter('end', at + 1);
    }
    this.flush(at, byte === COMMA);
    this.mark = at + 1;
    return byte === COMMA ? at + 1 : this.enter(this.isObject ? 'after list' : 'end', at + 1);
  }

  private scanKey(from: number): number {
    for (let at = from; at < this.length; at++) {
      const byte = this.buffer[at]!;
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) {
        this.name = this.parse(this.text(this.mark, at + 1), 'a key') as string;
        return this.enter('colon', at + 1);
      }
    }
    return this.length;
  }

  /** Passes on the records of the batch that ends here. */
  private flush(at: number, more = false): void {
    const text = this.text(this.mark, at);
    if (text.trim() === '' && this.index === 0 && !more) return;
    let records: unknown[];
    try {
      records = JSON.parse(`[${text}]`) as unknown[];
    } catch {
      records = splitRecords(text).map((record, i) => this.parse(record, `${this.name}[${this.index + i}]`));
    }
    this.options.onRecords(this.name, records, this.index);
    this.index += records.length;
  }

  /** Parses one value. NaN and Infinity, which Python writes and JSON does not have, become strings, which the check of the record reports. */
  private parse(text: string, what: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      try {
        return JSON.parse(text.replace(/(?<=[\s,:[]|^)(-?Infinity|NaN)(?=[\s,\]}]|$)/g, '"$1"'));
      } catch {
        return this.fail(`${what} must be JSON. Received: ${(error as Error).message}.`);
      }
    }
  }

  private text(from: number, to: number): string {
    try {
      return this.decoder.decode(this.buffer.subarray(from, to));
    } catch {
      return this.fail(
        `must be UTF-8 between bytes ${this.passed + from} and ${this.passed + to}. Received: other bytes.`,
      );
    }
  }

  private pendingRecords(): number {
    return splitRecords(new TextDecoder().decode(this.buffer.subarray(this.mark, this.length))).length - 1;
  }

  /** The item being read, for errors. */
  private place(): string {
    return this.state === 'list' ? `a record of ${this.name}` : this.state === 'skip' ? `"${this.name}"` : 'a key';
  }

  private fail(what: string): never {
    throw new SyntaxError(`${this.options.source}: ${boundedText(what)}`);
  }
}

/** The values in a list's text, split at the commas between them. */
function splitRecords(text: string): string[] {
  const records: string[] = [];
  let [depth, start, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === ',' && depth === 0) {
      records.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...records, text.slice(start)];
}
