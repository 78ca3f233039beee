/** Levenshtein's distance: the number of one-character edits from one word to the other. */
const distance = (a: string, b: string): number =>
  [...a].reduce(
    (row, letter, i) => {
      const next = [i + 1];
      row.forEach((above, j) => {
        if (j > 0) next.push(Math.min(above + 1, next[j - 1]! + 1, row[j - 1]! + +(letter !== b[j - 1])));
      });
      return next;
    },
    [0, ...b].map((_, j) => j),
  )[b.length]!;

/**
 * @internal The most similar name, or undefined where none is similar: it starts with the given name, or at most a third of
 * the letters differ.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const given = name.slice(0, 40).toLowerCase();
  const edits = names.map((each) => distance(given, each.toLowerCase()));
  const least = Math.min(...edits);
  const best = names[edits.indexOf(least)];
  if (best !== undefined && least <= Math.ceil(best.length / 3)) return best;
  return given.length > 2 ? names.find((each) => each.toLowerCase().startsWith(given)) : undefined;
}

/**
 * @internal Returns the options of a public function after checking that all are known. In plain JavaScript, a
 * mistyped option would otherwise silently be the default. Small, because it is part of every lone import.
 *
 * @throws TypeError that names the nearest option.
 * @example const { filters = 64 } = knownOptions('resnetStem', options, ['filters']);
 */
export function knownOptions<Options extends object>(
  name: string,
  options: Options,
  known: readonly (keyof Options & string)[],
): Options {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const wrong = isObject
    ? Object.keys(options).find((key) => !(known as readonly string[]).includes(key))
    : `${options}`;
  if (wrong === undefined) return options;
  const nearest = isObject && nearestName(wrong, known);
  throw new TypeError(
    `${name}: options must be ${isObject ? 'some' : 'an object'} of ${known.join(', ')}. Received: ${wrong}.${nearest ? ` Did you mean ${nearest}?` : ''}`,
  );
}
