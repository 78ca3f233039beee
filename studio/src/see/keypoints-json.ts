import type { KeypointSet } from 'poseblocks/keypoints';
import type { TrackedPose } from 'poseblocks/video';

/** The people of one picture. */
export interface FoundPicture {
  readonly name: string;
  /** Seconds, of a film's picture. */
  readonly time?: number;
  readonly people: readonly TrackedPose[];
}

/** The keypoints of pictures by name, in pixels of the picture. */
export function keypointsJson(model: string, { names }: KeypointSet, pictures: readonly FoundPicture[]): string {
  const saved = pictures.map(({ people, name, time }) => ({
    name,
    time,
    people: people.map(({ id, box, confidence, xy, score }) => ({
      id,
      box,
      confidence,
      keypoints: Object.fromEntries(names.map((key, k) => [key, [xy[2 * k], xy[2 * k + 1], score[k]]])),
    })),
  }));
  return JSON.stringify({ model, pictures: saved }, null, 1);
}
