/** A weight whose name both have, but whose shapes differ: a head for other keypoints, say. */
export interface MismatchedKey {
  readonly key: string;
  /** Its shape in the file. */
  readonly saved: readonly number[];
  /** And in the network. */
  readonly network: readonly number[];
}

/** What happened to the keys of a checkpoint (`loaded`, `mismatched`, `unexpected`) and of the network (`missing`). */
export interface LoadReport {
  readonly loaded: readonly string[];
  /** Left as they were, because the shapes differ; only where that is allowed. */
  readonly mismatched: readonly MismatchedKey[];
  /** Weights of the network that the checkpoint does not have: they keep what they had. */
  readonly missing: readonly string[];
  /** What the network has no place for. */
  readonly unexpected: readonly string[];
}

/**
 * The report in lines: `398 weights loaded`, then every one that was not, and why.
 *
 * @example console.log(formatLoadReport(loadStateDict(network, tensors, { strict: false, mismatched: 'skip' })))
 */
export function formatLoadReport({ loaded, mismatched, missing, unexpected }: LoadReport): string {
  return [
    `${loaded.length} weights loaded`,
    ...mismatched.map(({ key, saved, network }) => `not loaded: ${key}, saved [${saved}], in the network [${network}]`),
    ...missing.map((name) => `not loaded: ${name}, not among those saved`),
    ...unexpected.map((name) => `not used: ${name}`),
  ].join('\n');
}

/** A place for a weight, as a match sees it. */
export interface WeightPlace {
  readonly shape: readonly number[];
}
interface Saved {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What fits where: the plan of a load, of which nothing has been written yet. */
export interface LoadPlan<Place, Tensor> {
  readonly report: LoadReport;
  readonly writes: readonly (readonly [Place, Tensor])[];
}

/**
 * Holds saved weights against the places of a network, by name and by shape: the one way in which weights are loaded, whatever they were saved as.
 *
 * @param nameOf the network's name for a saved one; null leaves it out
 * @param sameShape whether a saved shape is the place's
 */
export function planLoad<Place extends WeightPlace, Tensor extends Saved>(
  places: ReadonlyMap<string, Place>,
  saved: Readonly<Record<string, Tensor>>,
  nameOf: (key: string) => string | null = (key) => key,
  sameShape: (a: readonly number[], b: readonly number[]) => boolean = (a, b) => a.join() === b.join(),
): LoadPlan<Place, Tensor> {
  const loaded: string[] = [];
  const mismatched: MismatchedKey[] = [];
  const unexpected: string[] = [];
  const writes: (readonly [Place, Tensor])[] = [];
  const seen = new Set<string>();
  for (const [key, tensor] of Object.entries(saved)) {
    const name = nameOf(key);
    if (name === null) continue;
    const place = places.get(name);
    if (!place) {
      unexpected.push(key);
      continue;
    }
    seen.add(name);
    const size = place.shape.reduce((a, b) => a * b, 1);
    if (tensor.data.length !== size || !sameShape(tensor.shape, place.shape))
      mismatched.push({ key, saved: tensor.shape, network: place.shape });
    else {
      loaded.push(key);
      writes.push([place, tensor]);
    }
  }
  const missing = [...places.keys()].filter((name) => !seen.has(name));
  return { report: { loaded, mismatched, missing, unexpected }, writes };
}
