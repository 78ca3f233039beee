import { syntheticPeople } from 'poseblocks/datasets';
import { COCO } from 'poseblocks/keypoints';
import { poseModel } from 'poseblocks/models';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';

/** As JavaScript sees the library: anything may be passed. */
export type Untyped = (...parameters: unknown[]) => unknown;

/** A call that is a mistake: the function, what is wrong, and the call. */
export type Mistake = readonly [name: string, what: string, call: () => unknown];

/** What the mistakes are made with. An engine must run. */
export function rightThings() {
  const network = lpn('lpn-50', { inputShape: [64, 48, 3], keypoints: 17, depths: [1, 1, 1, 1] });
  const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
  const model = poseModel({ network, codec, keypointSet: COCO });
  const { persons, readImage, json } = syntheticPeople({ seed: 1, count: 2 });
  const image = readImage(persons[0]!);
  return { network, codec, model, persons, readImage, json, image, box: persons[0]!.box };
}

export type RightThings = ReturnType<typeof rightThings>;
