import { shown } from './shown';

/** Maximum nesting; real headers, models and annotation files nest less. */
const DEEPEST = 128;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** The nesting depth of lists and objects, in one pass over the text without recursion. */
function depthOf(text: string, limit: number): number {
  let [depth, deepest] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > deepest) deepest = depth;
      if (deepest > limit) return deepest;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return deepest;
}

/**
 * @internal Parses the JSON of an untrusted file. It skips a byte-order mark and rejects nesting deeper than `deepest` before parsing, so that no code that
 * walks the result can overflow the stack.
 *
 * @param what name of the source in errors: `the header`.
 * @throws SyntaxError naming `what`, with at most a line of the text.
 * @example const config = parseJsonText(bytes, 'config.json');
 */
export function parseJsonText(source: Uint8Array | string, what: string, deepest: number = DEEPEST): unknown {
  const decoded = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const text = decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
  if (depthOf(text, deepest) > deepest) {
    throw new SyntaxError(`${what} must be nested at most ${deepest} deep. Received: JSON that is deeper.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`${what} must be JSON. Received: ${shown(text, 40)} (${shown((cause as Error).message, 60).slice(1, -1)}).`, { cause }); // prettier-ignore
  }
}
