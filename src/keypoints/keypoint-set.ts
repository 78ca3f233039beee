/** A keypoint set as data: names, flip pairs, limbs and sigmas. Indices refer to `names`. */
export interface KeypointSet {
  readonly name: string;
  readonly names: readonly string[];
  /** Flip pairs: left–right counterparts, which mirroring swaps. A keypoint without a pair is its own counterpart. */
  readonly flipPairs: readonly (readonly [number, number])[];
  /** Limbs to draw. */
  readonly edges: readonly (readonly [number, number])[];
  /** OKS standard deviation of each keypoint, as a fraction of the person's scale (COCO's convention: k = 2σ). */
  readonly sigmas: readonly number[];
}

/** As {@link KeypointSet}, but pairs and edges refer to keypoints by name. */
export interface KeypointSetDefinition {
  readonly name: string;
  readonly names: readonly string[];
  readonly flipPairs?: readonly (readonly [string, string])[];
  readonly edges?: readonly (readonly [string, string])[];
  /** One for all keypoints, or one each. COCO publishes none for other sets; 0.05 (a wrist's is 0.062) is usual. */
  readonly sigmas?: number | readonly number[];
}

/**
 * Validates a definition by name and converts it to indices.
 *
 * @throws RangeError naming the keypoint that is unknown, duplicate, paired twice or paired with itself, or the sigma that is not positive.
 * @example keypointSet({ name: 'arm', names: ['base', 'elbow', 'tip'], edges: [['base', 'elbow'], ['elbow', 'tip']] })
 */
export function keypointSet({
  name,
  names,
  flipPairs = [],
  edges = [],
  sigmas = 0.05,
}: KeypointSetDefinition): KeypointSet {
  const fail = (what: string): never => {
    throw new RangeError(`keypointSet(${name}): ${what}`);
  };
  if (names.length === 0) fail('names must not be empty. Received: [].');
  const index = new Map<string, number>();
  names.forEach((key, k) => {
    if (typeof key !== 'string' || key === '')
      fail(`names must be non-empty strings. Received: ${JSON.stringify(key)} at ${k}.`);
    if (index.has(key)) fail(`names must be unique. Received: "${key}" at ${index.get(key)} and ${k}.`);
    index.set(key, k);
  });
  const indexOf = (key: string, where: string): number =>
    index.get(key) ?? fail(`${where} must name known keypoints. Received: "${key}"; known are ${names.join(', ')}.`);
  const resolve = (pairs: readonly (readonly [string, string])[], where: string): [number, number][] =>
    pairs.map((pair) => {
      const [a, b] = pair;
      if (pair.length !== 2) fail(`${where} must join two keypoints each. Received: ${JSON.stringify(pair)}.`);
      if (a === b) fail(`${where} must join two different keypoints. Received: "${a}" twice.`);
      return [indexOf(a, where), indexOf(b, where)];
    });

  const pairs = resolve(flipPairs, 'flipPairs');
  const paired = new Set<number>();
  for (const k of pairs.flat()) {
    if (paired.has(k)) fail(`flipPairs must pair each keypoint once. Received: "${names[k]}" in two pairs.`);
    paired.add(k);
  }
  const each = typeof sigmas === 'number' ? names.map(() => sigmas) : sigmas;
  if (each.length !== names.length)
    fail(`sigmas must be one number, or one per keypoint. Received: ${each.length} for ${names.length} keypoints.`);
  each.forEach((sigma, k) => {
    if (!(sigma > 0 && Number.isFinite(sigma))) fail(`sigmas must be positive. Received: ${sigma} for "${names[k]}".`);
  });
  return { name, names, flipPairs: pairs, edges: resolve(edges, 'edges'), sigmas: each };
}
