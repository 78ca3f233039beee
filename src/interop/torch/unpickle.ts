/** An object of an unknown class or function: kept as a name, never looked up and never run. */
export class Foreign {
  /** `module.name` */
  readonly global: string;
  /** The state assigned to it. */
  state: unknown = undefined;

  constructor(global: string) {
    this.global = global;
  }
}

export interface UnpickleOptions {
  /** Replacements by `module.name` of functions and classes. All others become {@link Foreign}. */
  readonly globals: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  /** Resolves a persistent id. */
  readonly persistent: (id: unknown) => unknown;
}

const MARK = Symbol('mark');

/** Reads numbers and texts sequentially. */
class Reader {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  private skip(length: number): number {
    if (length < 0 || this.at + length > this.bytes.length) throw new RangeError('the end of the bytes');
    this.at += length;
    return this.at - length;
  }
  u8 = (): number => this.view.getUint8(this.skip(1));
  u16 = (): number => this.view.getUint16(this.skip(2), true);
  u32 = (): number => this.view.getUint32(this.skip(4), true);
  i32 = (): number => this.view.getInt32(this.skip(4), true);
  u64 = (): number => Number(this.view.getBigUint64(this.skip(8), true));
  f64 = (): number => this.view.getFloat64(this.skip(8), false);
  take(length: number): Uint8Array {
    const from = this.skip(length);
    return this.bytes.subarray(from, from + length);
  }
  text = (length: number): string => new TextDecoder().decode(this.take(length));
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw new RangeError('the end of the bytes');
    const line = this.text(end - this.at);
    this.at++;
    return line;
  }
  /** An integer of any length, little-endian, in two's complement, as the nearest number. */
  long(length: number): number {
    const bytes = this.take(length);
    const isNegative = length > 0 && bytes[length - 1]! >= 128;
    const filler = isNegative ? 255 : 0;
    let used = length;
    while (used > 0 && bytes[used - 1] === filler) used--;
    if (used > LARGEST_LONG) return isNegative ? -Infinity : Infinity;
    let value = isNegative ? -1n : 0n;
    for (let i = used - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return Number(value);
  }
}

/** Maximum bytes of an integer; larger ones exceed double precision. */
const LARGEST_LONG = 128;
/** Maximum length of a name; Python's are far shorter. */
const LONGEST_NAME = 512;
/** Maximum arguments of a call; the known functions use fewer. */
const MOST_ARGUMENTS = 16;

type Key = string | number | boolean | null;
const isKey = (value: unknown): value is Key =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/**
 * Reads one pickle (docs.python.org/3/library/pickletools.html) of protocol 2 to 5 as data: dictionaries as Map, lists and tuples as arrays. Only the classes and
 * functions that the caller names are called; others become {@link Foreign}, so that nothing in the file is ever run.
 *
 * Time and memory are proportional to the number of bytes: the cost of an instruction is proportional to its length, and references do not copy.
 *
 * @returns the object, and the end position of the pickle
 * @throws RangeError when the bytes end early or are not a pickle.
 */
export function unpickle(
  bytes: Uint8Array,
  from: number,
  { globals, persistent }: UnpickleOptions,
): { value: unknown; end: number } {
  const reader = new Reader(bytes, from);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  const broken = (what: string): never => {
    throw new RangeError(what);
  };
  const pop = (): unknown => (stack.length === 0 ? broken('an empty stack') : stack.pop());
  const top = (): unknown => (stack.length === 0 ? broken('an empty stack') : stack.at(-1));
  const push = (value: unknown): void => void stack.push(value);
  const toMark = (): unknown[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) broken('no mark');
    const items = stack.splice(mark);
    return items.slice(1);
  };
  const remembered = (index: number): unknown => (memo.has(index) ? memo.get(index) : broken(`no memo ${index}`));
  const call = (callee: unknown, args: unknown): unknown => {
    if (callee instanceof Foreign) return new Foreign(callee.global);
    if (typeof callee !== 'function' || !Array.isArray(args)) return broken('a call of a value that cannot be called');
    return (callee as (...args: readonly unknown[]) => unknown)(...(args as unknown[]).slice(0, MOST_ARGUMENTS));
  };
  const global = (module: unknown, of: unknown): unknown => {
    if (typeof module !== 'string' || typeof of !== 'string' || module.length + of.length > LONGEST_NAME)
      return broken('a class without a name');
    const name = `${module}.${of}`;
    return Object.hasOwn(globals, name) ? globals[name] : new Foreign(name);
  };
  const last = (count: number): unknown[] => (stack.length < count ? broken('an empty stack') : stack.splice(-count));
  const put = (target: unknown, items: readonly unknown[]): unknown => {
    if (target instanceof Map)
      for (let i = 0; i + 1 < items.length; i += 2) if (isKey(items[i])) target.set(items[i], items[i + 1]);
    return target;
  };
  const append = (target: unknown, items: readonly unknown[]): void => {
    if (Array.isArray(target)) for (const item of items) target.push(item);
  };

  for (;;) {
    const opcode = String.fromCharCode(reader.u8());
    // prettier-ignore
    switch (opcode) {
      case '.': return { value: pop(), end: reader.at };
      case '\x80': reader.u8(); break; // the protocol's version
      case '\x95': reader.u64(); break; // the length of a frame
      case '(': push(MARK); break;
      case '0': pop(); break;
      case '1': toMark(); break;
      case '2': push(top()); break;
      case 'N': push(null); break;
      case '\x88': push(true); break;
      case '\x89': push(false); break;
      case 'K': push(reader.u8()); break;
      case 'M': push(reader.u16()); break;
      case 'J': push(reader.i32()); break;
      case '\x8a': push(reader.long(reader.u8())); break;
      case '\x8b': push(reader.long(reader.u32())); break;
      case 'G': push(reader.f64()); break;
      case 'X': case 'T': push(reader.text(reader.u32())); break;
      case '\x8c': case 'U': push(reader.text(reader.u8())); break;
      case '\x8d': push(reader.text(reader.u64())); break;
      case 'C': push(reader.take(reader.u8())); break;
      case 'B': push(reader.take(reader.u32())); break;
      case '\x8e': case '\x96': push(reader.take(reader.u64())); break;
      case '}': push(new Map()); break;
      case ']': case ')': case '\x8f': push([]); break;
      case 't': case 'l': case '\x91': push(toMark()); break;
      case '\x85': push([pop()]); break;
      case '\x86': push(last(2)); break;
      case '\x87': push(last(3)); break;
      case 'd': push(put(new Map(), toMark())); break;
      case 's': { const pair = last(2); put(top(), pair); break; }
      case 'u': { const pairs = toMark(); put(top(), pairs); break; }
      case 'a': { const item = pop(); append(top(), [item]); break; }
      case 'e': case '\x90': { const items = toMark(); append(top(), items); break; }
      case 'q': memo.set(reader.u8(), top()); break;
      case 'r': memo.set(reader.u32(), top()); break;
      case '\x94': memo.set(memo.size, top()); break;
      case 'h': push(remembered(reader.u8())); break;
      case 'j': push(remembered(reader.u32())); break;
      case 'c': push(global(reader.line(), reader.line())); break;
      case '\x93': { const [module, of] = last(2); push(global(module, of)); break; }
      case 'R': case '\x81': { const args = pop(); push(call(pop(), args)); break; }
      case '\x92': { const [callee, args] = last(3); push(call(callee, args)); break; }
      case 'b': { const state = pop(); const target = top(); if (target instanceof Foreign) target.state = state; break; }
      case 'Q': push(persistent(pop())); break;
      default: broken(`opcode 0x${opcode.charCodeAt(0).toString(16)} at byte ${reader.at - 1}`);
    }
  }
}
