import { decodeImage } from '../../datasets/node';
import type { ImageBoxes, RgbImage } from '../../datasets';
import type { Estimator } from '../../inference';
import type { Box, Keypoints } from '../../keypoints';
import type { PersonDetector } from '../person-detector';
import { meets } from '../pose-box';
import { trackPoses } from '../track-poses';
import type { PictureFile } from './find-pictures';
import { uprightImage } from './upright-image';
import { videoFile } from './video-file';
import { videoInfo } from './video-info';

/** A person whose keypoints were predicted. */
export interface PredictedPerson {
  readonly keypoints: Keypoints<'image'>;
  /** The box that the network used, `[x, y, width, height]` in pixels of the image. */
  readonly box: Box;
  /** Score of the box, from its file or detector; 1 without either. */
  readonly boxScore: number;
  readonly categoryId: number;
  /** Id of a person tracked through a video. */
  readonly trackId?: number;
}

/** A picture with the people found in it. */
export interface PredictedPicture {
  readonly path: string;
  readonly name: string;
  /** Id in the file of boxes, otherwise the position in the order, from 1. */
  readonly imageId: number;
  /** Seconds into the video; absent for an image. */
  readonly time?: number;
  /** Completed fraction of the video; absent for an image, and where the file does not say its duration. */
  readonly progress?: number;
  readonly image: RgbImage;
  readonly people: readonly PredictedPerson[];
}

/** Options of {@link predictPictures}. */
export interface PredictPicturesOptions {
  /** Boxes by image, as `readBoxesFile` returns them: only images in it are processed. Not together with a detector. */
  readonly boxes?: readonly ImageBoxes[];
  /** Detector of the boxes. @defaultValue the whole picture is one box */
  readonly detector?: PersonDetector;
  /** Number of images held at once, so that their people share the batches of the network. @defaultValue 8 */
  readonly together?: number;
  /** Pictures per second taken from a video. @defaultValue the file's rate */
  readonly fps?: number;
  /** The detector runs in every n-th picture of a video. @defaultValue about three times in a second of the video */
  readonly detectEvery?: number;
  /** Receives images that cannot be read, or that the file of boxes lacks. @defaultValue the error is thrown */
  readonly onSkip?: (skip: { readonly path: string; readonly reason: string }) => void;
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/**
 * The people in image and video files, picture by picture in order. `trackPoses` tracks people in a video and gives them ids.
 *
 * Images are rotated according to their EXIF data; with a file of boxes they are used as stored, because boxes of data sets refer to that.
 *
 * @param files files from `findPictures`.
 * @throws RangeError for both boxes and a detector; also throws as the estimator and the readers do.
 * @example
 * for await (const { name, people } of predictPictures(estimator, await findPictures('photographs'))) console.log(name, people.length);
 */
export async function* predictPictures(
  estimator: Pick<Estimator, 'estimate' | 'estimateAll' | 'keypointSet'>,
  files: readonly PictureFile[],
  options: PredictPicturesOptions = {},
): AsyncGenerator<PredictedPicture, void, void> {
  const { boxes, detector, together = 8, fps, detectEvery, onSkip, signal } = options;
  if (boxes !== undefined && detector !== undefined)
    throw new RangeError('predictPictures: boxes and detector must not both be given. Received: both.');
  const known = boxes && byName(boxes);
  let [held, count]: [Held[], number] = [[], 0];
  const flush = async function* (): AsyncGenerator<PredictedPicture> {
    const some = held;
    held = [];
    const found = await estimator.estimateAll(some.map(({ image, people }) => ({ image, boxes: people.map(({ box }) => box) }))); // prettier-ignore
    for (const [i, { people, ...picture }] of some.entries()) {
      yield { ...picture, people: people.map((person, n) => ({ ...person, keypoints: found[i]![n]! })) };
    }
  };
  for (const file of files) {
    if (signal?.aborted) return;
    if (file.kind === 'video') {
      yield* flush();
      const info = await videoInfo(file.path);
      const rate = fps ?? info.fps ?? 30;
      const tracker = trackPoses(estimator, {
        ...(detector && { detector, detectEvery: detectEvery ?? Math.max(1, Math.round(rate / 3)) }),
        ...(estimator.keypointSet && { sigmas: estimator.keypointSet.sigmas }),
      });
      for await (const { image, time } of videoFile(file.path, {
        ...(fps !== undefined && { fps }),
        ...(signal && { signal }),
      })) {
        // prettier-ignore
        const people = (await tracker.update(image, time)).map(({ id, box, frame, xy, score }) => ({
          keypoints: { frame, xy, score },
          box,
          boxScore: 1,
          categoryId: 1,
          trackId: id,
        }));
        const progress = info.seconds === undefined ? {} : { progress: Math.min(1, (time + 1 / rate) / info.seconds) };
        yield { path: file.path, name: file.name, imageId: ++count, time, ...progress, image, people };
      }
      continue;
    }
    try {
      held.push(await opened(file, ++count, known, detector));
    } catch (error) {
      if (onSkip === undefined) throw error;
      onSkip({ path: file.path, reason: (error as Error).message });
    }
    if (held.length >= together) yield* flush();
  }
  yield* flush();
}

type Held = Omit<PredictedPicture, 'people' | 'time' | 'progress'> & {
  readonly people: readonly Omit<PredictedPerson, 'keypoints'>[];
};

/** By the name in the file and, where unambiguous, by the name without its folders. */
function byName(boxes: readonly ImageBoxes[]): (name: string) => ImageBoxes | undefined {
  const whole = new Map(boxes.map((image) => [image.fileName, image]));
  const last = new Map<string, ImageBoxes | undefined>();
  for (const image of boxes) {
    const base = image.fileName.split('/').at(-1)!;
    last.set(base, last.has(base) ? undefined : image);
  }
  return (name) => whole.get(name) ?? last.get(name.split('/').at(-1)!);
}

async function opened(
  { path, name }: PictureFile,
  place: number,
  known: ((name: string) => ImageBoxes | undefined) | undefined,
  detector: PersonDetector | undefined,
): Promise<Held> {
  if (known !== undefined) {
    const found = known(name);
    if (found === undefined)
      throw new Error(`${name} must be among the images of the boxes. Received: a file without boxes.`);
    const image = await decodeImage(path);
    const size = [image.width, image.height] as const;
    const people = found.boxes
      .filter(({ box }) => meets(box, size))
      .map(({ box, score, categoryId }) => ({ box, boxScore: score, categoryId }));
    return { path, name, imageId: found.imageId, image, people };
  }
  const image = await uprightImage(path);
  const whole = { box: [0, 0, image.width, image.height] as const, score: 1 };
  const found = detector === undefined ? [whole] : await detector(image);
  const people = found.map(({ box, score }) => ({ box, boxScore: score, categoryId: 1 }));
  return { path, name, imageId: place, image, people };
}
