/** Longest text of an untrusted value that an error shows. */
const LONGEST = 80;

/** Characters that a terminal could interpret as a command, or that change the order of the text: controls (C0, C1), direction marks, line separators. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A text that is safe to print: control characters, terminal escapes and direction marks are written as `\x1b` or `\u202e`.
 *
 * @example console.log(printable(fileNameOfAnArchive))
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** @internal {@link printable} for several lines: keeps line breaks and tabs. */
export const printableLines = (text: string): string =>
  text
    .split(/([\n\t])/)
    .map((part, i) => (i % 2 === 0 ? printable(part) : part))
    .join('');

/** @internal A message that contains names from a file: printable, and at most a few lines long. */
export const boundedText = (text: string): string => printable(text.length > 400 ? `${text.slice(0, 400)}…` : text);

/** The first characters of a text, printable. */
const cut = (text: string, length: number): string =>
  printable(text.length > length ? `${text.slice(0, length)}…` : text);

/**
 * @internal A value of a file as errors show it: JSON-like, printable, at most a line, in bounded time for any value (deep, shared, cyclic, huge).
 *
 * @example throw new RangeError(`readPth: a shape must be whole numbers. Received: ${shown(shape)}.`)
 */
export function shown(value: unknown, length: number = LONGEST): string {
  let left = length;
  const take = (text: string): string => {
    left -= text.length;
    return text;
  };
  const list = (open: string, close: string, size: number, items: Iterable<() => string>): string => {
    const parts: string[] = [];
    take(open + close);
    for (const item of items) {
      if (left <= 0 || parts.length >= length) break;
      parts.push(item());
      take(',');
    }
    return `${open}${parts.join(',')}${parts.length < size ? (parts.length === 0 ? '…' : ',…') : ''}${close}`;
  };
  function* entries(pairs: Iterable<readonly [unknown, unknown]>, depth: number): Generator<() => string> {
    for (const [key, item] of pairs)
      yield () => `${typeof key === 'string' ? take(`"${cut(key, 40)}"`) : render(key, depth)}:${render(item, depth)}`;
  }
  const render = (item: unknown, depth: number): string => {
    if (typeof item === 'string') return take(`"${cut(item, Math.max(8, left))}"`);
    if (typeof item === 'bigint') return take(BigInt.asIntN(64, item) === item ? String(item) : 'a large integer');
    if (typeof item === 'function') return take('a function');
    if (typeof item === 'symbol') return take('a symbol');
    if (typeof item !== 'object' || item === null) return take(item === undefined ? 'nothing' : String(item));
    if (ArrayBuffer.isView(item)) return take(`${item.constructor.name} of ${item.byteLength} bytes`);
    if (depth === 0) return take(Array.isArray(item) ? '[…]' : '{…}');
    if (Array.isArray(item))
      return list('[', ']', item.length, (function* () {
        for (const each of item as unknown[]) yield () => render(each, depth - 1);
      })()); // prettier-ignore
    if (item instanceof Map) return list('{', '}', item.size, entries(item, depth - 1));
    const keys = Object.keys(item);
    const record = item as Record<string, unknown>;
    return list('{', '}', keys.length, entries((function* () {
      for (const key of keys) yield [key, record[key]] as const;
    })(), depth - 1)); // prettier-ignore
  };
  return render(value, 3);
}

/** @internal Names of a file as errors list them: the first few, each truncated, and the number of further ones. */
export function shownNames(names: Iterable<unknown>, most = 5): string {
  const parts: string[] = [];
  let more = 0;
  for (const name of names) {
    if (parts.length < most) parts.push(typeof name === 'string' ? cut(name, 60) : shown(name, 40));
    else more++;
  }
  return parts.length === 0 ? 'none' : parts.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * @internal Why something failed, in a foreign library or in ours: its message, cut; of an error of the JavaScript engine, which says nothing to who reads a file, `otherwise`.
 */
export function reasonOf(cause: unknown, otherwise: string): string {
  const { message } = cause as Error;
  const isOfEngine = (cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError) && !/Received/.test(message); // prettier-ignore
  return isOfEngine ? otherwise : cut(message.replace(/\.$/, ''), 200);
}
