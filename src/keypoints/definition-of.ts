import type { KeypointSet, KeypointSetDefinition } from './keypoint-set';

/**
 * @internal A set as its definition by name, from which {@link keypointSet} restores it: plain JSON, for files.
 *
 * @example JSON.stringify(definitionOf(COCO))
 */
export function definitionOf({ name, names, flipPairs, edges, sigmas }: KeypointSet): Required<KeypointSetDefinition> {
  const byName = (pairs: KeypointSet['edges']): (readonly [string, string])[] =>
    pairs.map(([a, b]) => [names[a]!, names[b]!]);
  return { name, names, flipPairs: byName(flipPairs), edges: byName(edges), sigmas };
}
