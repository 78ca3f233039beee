/** A mismatched key: both have a weight of this name, but the shapes differ, for example in a head for other keypoints. */
export interface MismatchedKey {
  readonly key: string;
  /** Shape in the file. */
  readonly saved: readonly number[];
  /** Shape in the network. */
  readonly network: readonly number[];
}

/** The result of loading a checkpoint: its keys (`loaded`, `mismatched`, `unexpected`) and the network's (`missing`). */
export interface LoadReport {
  readonly loaded: readonly string[];
  /** Mismatched keys, whose weights were not changed; only with a partial load. */
  readonly mismatched: readonly MismatchedKey[];
  /** Weights of the network that the checkpoint lacks; they were not changed. */
  readonly missing: readonly string[];
  /** Keys of the checkpoint that the network lacks. */
  readonly unexpected: readonly string[];
}

/**
 * The report as text: `398 weights loaded`, then every weight that was not loaded, and why.
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

/** A weight of the network, for matching. */
export interface WeightPlace {
  readonly shape: readonly number[];
}
interface Saved {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The plan of a load: which saved weight goes where. Nothing has been written yet. */
export interface LoadPlan<Place, Tensor> {
  readonly report: LoadReport;
  readonly writes: readonly (readonly [Place, Tensor])[];
}

/**
 * Matches saved weights with the weights of a network, by name and shape. All loading uses this function, whatever the file format.
 *
 * @param nameOf the network's name of a saved weight; null skips it
 * @param sameShape whether a saved shape matches
 * @example const { report } = planLoad(places, saved, (key) => key.replace('module.', ''));
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
