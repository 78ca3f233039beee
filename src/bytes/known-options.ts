/** Levenshtein's distance: the number of one-character edits from one word to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/**
 * @internal The most similar name, or undefined where none is similar: it starts with the given name, or at most a third of
 * the letters differ.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const given = name.slice(0, 40).toLowerCase();
  const least = (each: string): number => distance(given, each.toLowerCase());
  const [best] = [...names].sort((a, b) => least(a) - least(b));
  if (best !== undefined && least(best) <= Math.ceil(best.length / 3)) return best;
  return given.length > 2 ? names.find((each) => each.toLowerCase().startsWith(given)) : undefined;
}

/**
 * @internal Returns the options of a public function after checking that all are known. In plain JavaScript, a
 * mistyped option would otherwise silently be the default.
 *
 * @throws TypeError that names the nearest option.
 * @example const { filters = 64 } = knownOptions('resnetStem', options, ['filters']);
 */
export function knownOptions<Options extends object>(
  name: string,
  options: Options,
  known: readonly (keyof Options & string)[],
): Options {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${name}: options must be an object of ${known.join(', ')}. Received: ${String(options)}.`);
  }
  for (const key of Object.keys(options)) {
    if ((known as readonly string[]).includes(key)) continue;
    const nearest = nearestName(key, known);
    throw new TypeError(
      `${name}: options must be some of ${known.join(', ')}. Received: ${key}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`,
    );
  }
  return options;
}
