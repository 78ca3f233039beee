import type { KeypointSet } from '../../keypoints';
import type { Person } from '../person';
import type { CocoFile, CocoImage, CocoPersonRecord } from '../../coco';

/**
 * Any dataset as COCO JSON: for `evaluateCoco`, for labelling tools, or to store your data in one format.
 *
 * Boxes are written unchanged: those that `readCoco` has cleaned are one pixel smaller than annotated. Images of unknown
 * size get the size from `imageSize`, or 0.
 *
 * @example writeFileSync('mpii.json', JSON.stringify(writeCoco({ persons, keypointSet: MPII })));
 */
export function writeCoco(
  { persons, keypointSet }: { readonly persons: readonly Person[]; readonly keypointSet: KeypointSet },
  { imageSize }: { readonly imageSize?: (person: Person) => readonly [number, number] } = {},
): CocoFile {
  const images = new Map<number, CocoImage>();
  const annotations = persons.map((person): CocoPersonRecord => {
    const { id, imageId, fileName, box, keypoints, area, iscrowd } = person;
    const [width, height] = person.imageSize ?? imageSize?.(person) ?? [0, 0];
    images.set(imageId, { id: imageId, file_name: fileName, width, height });
    const triplets = Array.from(keypoints.score).flatMap((v, k) => [keypoints.xy[2 * k]!, keypoints.xy[2 * k + 1]!, v]);
    return {
      id,
      image_id: imageId,
      category_id: 1,
      bbox: [...box],
      keypoints: triplets,
      num_keypoints: keypoints.score.filter((v) => v > 0).length,
      area,
      iscrowd: iscrowd ? 1 : 0,
    };
  });
  const skeleton = keypointSet.edges.map(([a, b]) => [a + 1, b + 1]);
  const name = keypointSet.name === 'coco' ? 'person' : keypointSet.name;
  return {
    images: [...images.values()],
    annotations,
    categories: [{ id: 1, name, keypoints: keypointSet.names, skeleton }],
  };
}
