/** Maximum number of path parts of a prefix. */
const MOST_STEPS = 4;

/** Removes the first matching prefix of a key; longer prefixes are tried first. */
export function withoutPrefix(key: string, prefixes: readonly string[]): string {
  const found = [...prefixes].sort((a, b) => b.length - a.length).find((prefix) => key.startsWith(prefix));
  return found === undefined ? key : key.slice(found.length);
}

/**
 * The prefixes after whose removal a checkpoint's keys are a network's: `module.` of data-parallel training, `backbone.` and `keypoint_head.` of MMPose. Null where the
 * keys match without removal, or do not match either way.
 *
 * @param names the network's keys
 * @example prefixesOf(Object.keys(checkpoint), new Set(Object.keys(await stateDict(network)))) // ['module.']
 * @internal
 */
export function prefixesOf(keys: readonly string[], names: ReadonlySet<string>): readonly string[] | null {
  const found = new Set<string>();
  let fitting = 0;
  for (const key of keys) {
    if (names.has(key)) return null;
    let end = 0;
    for (let step = 0; step < MOST_STEPS; step++) {
      end = key.indexOf('.', end) + 1;
      if (end === 0) break;
      if (!names.has(key.slice(end))) continue;
      found.add(key.slice(0, end));
      fitting++;
      break;
    }
  }
  // Two keys with one name would be two networks in one file, such as student and teacher; the choice is then the user's.
  const stripped = keys.map((key) => withoutPrefix(key, [...found])).filter((key) => names.has(key));
  const isClear = fitting > 0 && new Set(stripped).size === stripped.length && stripped.length >= names.size / 2;
  return isClear ? [...found].sort() : null;
}
