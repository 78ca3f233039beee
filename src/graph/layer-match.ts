/**
 * Selects layers: by a name (`'layer1'` includes `layer1.0.conv1`), a pattern, a function of the name, or a list of these.
 */
export type LayerMatch = string | RegExp | ((name: string) => boolean) | readonly LayerMatch[];

/**
 * Whether a layer has the name, or lies below it, or fits the pattern.
 *
 * @internal
 */
export function matches(match: LayerMatch, name: string): boolean {
  if (typeof match === 'string') return name === match || name.startsWith(`${match}.`);
  if (match instanceof RegExp) return match.test(name);
  if (typeof match === 'function') return match(name);
  return Array.isArray(match) && match.some((one: LayerMatch) => matches(one, name)); // JavaScript may pass anything
}

/** @internal `layer1.0.conv1/kernel_1` → `layer1.0.conv1`. */
export const layerOf = (variable: string): string => variable.slice(0, Math.max(0, variable.lastIndexOf('/')));
