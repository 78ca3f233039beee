import type { StateDict } from '../../interop';
import type { KeypointSet } from '../../keypoints';

type Saved = StateDict[string];

/**
 * Weights with a channel for each keypoint, such as those of a last convolution, for a network of another keypoint set: keypoints of the same name keep their
 * channels, the others have the network's own. Only weights whose shape differs are converted, and only where it differs by the numbers of keypoints.
 *
 * @param saved the weights of a network of the keypoints `from`
 * @param own the present weights of the network of the keypoints `to`, by the same names
 * @returns the converted weights by name
 */
export function matchKeypoints(saved: StateDict, own: StateDict, from: KeypointSet, to: KeypointSet): StateDict {
  const places = to.names.map((name) => from.names.indexOf(name));
  const found = Object.entries(saved).flatMap(([key, tensor]) => {
    const mine = own[key];
    const converted = mine && convert(tensor, mine, places, from.names.length);
    return converted ? [[key, converted] as const] : [];
  });
  return Object.fromEntries(found);
}

/** `places` gives the old index of each new keypoint, or −1. Undefined when the shapes are equal or have nothing to do with keypoints. */
function convert(saved: Saved, own: Saved, places: readonly number[], keypoints: number): Saved | undefined {
  if (saved.shape.length !== own.shape.length) return undefined;
  const axes = own.shape.map((size, axis) => {
    if (size === saved.shape[axis]) return null;
    return size === places.length && saved.shape[axis] === keypoints ? places : undefined;
  });
  if (axes.includes(undefined) || axes.every((axis) => axis === null)) return undefined;
  const data = own.data.slice();
  for (let i = 0; i < data.length; i++) {
    let [rest, from, stride] = [i, 0, 1];
    for (let axis = axes.length - 1; axis >= 0 && from >= 0; axis--) {
      const index = rest % own.shape[axis]!;
      rest = (rest - index) / own.shape[axis]!;
      const old = axes[axis]?.[index] ?? index;
      from = old < 0 ? -1 : from + old * stride;
      stride *= saved.shape[axis]!;
    }
    if (from >= 0) data[i] = saved.data[from]!;
  }
  return { ...own, data };
}
