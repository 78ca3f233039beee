import { shown } from './shown';

/** Nested deeper than this, JSON is no header, model or annotation file of anyone's. */
const DEEPEST = 128;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** How deep lists and objects lie in each other, in one pass over the text and with no recursion. */
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
 * @internal JSON of a file from elsewhere: a byte-order mark is passed over, and what is nested deeper than `deepest` is refused before it is built, so that nothing which
 * walks the result can run out of stack.
 *
 * @param what what holds the JSON, for errors: `the header`.
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
