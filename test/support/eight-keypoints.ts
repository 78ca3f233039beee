import { syntheticPeople, type RgbImage } from 'poseblocks/datasets';

/** A skeleton that no known set has. */
export const NAMES = ['face', 'neck', 'left_shoulder', 'right_shoulder', 'left_hip', 'right_hip', 'left_ankle', 'right_ankle']; // prettier-ignore
const LIMBS = [[1, 2], [2, 3], [2, 4], [3, 5], [4, 6], [5, 7], [6, 8]]; // prettier-ignore

export interface Labelled {
  readonly name: string;
  readonly image: RgbImage;
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** [x, y] of each of the eight. */
  readonly xy: readonly (readonly [number, number])[];
}

/** One synthetic person a picture, all of whose eight keypoints are in it. */
export function labelledPictures(count: number): Labelled[] {
  const { json, images } = syntheticPeople({ seed: 21, count: 2 * count, people: [1, 1], imageSize: [200, 240] });
  const found = json.annotations.flatMap(({ keypoints, bbox, image_id: id }): Labelled[] => {
    const at = (k: number): readonly [number, number] => [keypoints![3 * k]!, keypoints![3 * k + 1]!];
    const used = [0, 5, 6, 11, 12, 15, 16];
    if (!used.every((k) => keypoints![3 * k + 2]! > 0)) return [];
    const [left, right] = [at(5), at(6)];
    const neck = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2] as const;
    const xy = [at(0), neck, left, right, at(11), at(12), at(15), at(16)];
    return [{ name: `person-${id}.png`, image: images[id as number]!, bbox: [...bbox!] as never, xy }];
  });
  if (found.length < count) throw new Error(`labelledPictures: ${count} must be whole. Received: ${found.length}.`);
  return found.slice(0, count);
}

/** The pictures' labels as a COCO file. */
export const cocoOf = (pictures: readonly Labelled[]): object => ({
  images: pictures.map(({ name, image: { width, height } }, i) => ({ id: i + 1, file_name: name, width, height })),
  annotations: pictures.map(({ bbox, xy }, i) => ({
    id: i + 1,
    image_id: i + 1,
    category_id: 1,
    bbox,
    area: bbox[2] * bbox[3],
    iscrowd: 0,
    num_keypoints: xy.length,
    keypoints: xy.flatMap(([x, y]) => [x, y, 2]),
  })),
  categories: [{ id: 1, name: 'eight', keypoints: NAMES, skeleton: LIMBS }],
});

/** The part of a picture around its person; undefined where the person is larger. */
export function aroundPerson(
  { image, bbox: [x, y, w, h] }: Labelled,
  [width, height]: readonly [number, number],
): RgbImage | undefined {
  if (w > width || h > height) return undefined;
  const left = Math.round(Math.min(image.width - width, Math.max(0, x + w / 2 - width / 2)));
  const top = Math.round(Math.min(image.height - height, Math.max(0, y + h / 2 - height / 2)));
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((top + row) * image.width + left);
    data.set(image.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return { width, height, data };
}
