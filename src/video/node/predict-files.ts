import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { knownOptions } from '../../bytes';
import { insideFolder, readBoxesFile } from '../../datasets/node';
import { estimatorFile } from '../../inference/node';
import type { KeypointSet } from '../../keypoints';
import { toCocoResult } from '../../metrics';
import { pictureSheet, pictureThumbnail, posePicture, type SheetPicture } from '../../visualize/node';
import { detectorFile, type DetectorFileOptions } from './detector-file';
import { evenSample } from './even-sample';
import { findPictures } from './find-pictures';
import { predictPictures, type PredictedPicture } from './predict';

/** Options of {@link predictFiles}. */
export interface PredictFilesOptions {
  /** A pose model's file, the folder of a run, or an ONNX file from this library. */
  readonly model: string;
  /** Images, videos, folders and patterns: see `findPictures`. */
  readonly sources: string | readonly string[];
  /** Output folder. */
  readonly out: string;
  /** Boxes from a file, as `readBoxesFile` reads it. Not together with a detector. @defaultValue the whole picture is one box */
  readonly boxes?: string;
  /** The annotations whose images a list of detections refers to. */
  readonly annotations?: string;
  /** A detector's file, as `detectorFile` opens it. */
  readonly detector?: string;
  /** Kind of the detector. @defaultValue detected from the file */
  readonly detectorKind?: DetectorFileOptions['kind'];
  /** Minimum score of a detected box. @defaultValue the detector's */
  readonly minScore?: number;
  /** Flip test. @defaultValue false */
  readonly flipTest?: boolean;
  /** Number of people per run of the network. @defaultValue 16 */
  readonly batchSize?: number;
  /** Format of the pictures with drawn people; false writes none. @defaultValue 'png' */
  readonly overlay?: 'png' | 'svg' | false;
  /** Minimum confidence of a drawn keypoint. @defaultValue 0.2 */
  readonly threshold?: number;
  /** Number of pictures on the contact sheet, spread evenly; 0 for none. @defaultValue 24 */
  readonly sheet?: number;
  /** Pictures per second of a video. @defaultValue the file's rate */
  readonly fps?: number;
  /** The detector runs in every n-th picture of a video. @defaultValue about three times in a second of the video */
  readonly detectEvery?: number;
  /** Receives the number of completed files and the total; of a video, the completed part counts as a fraction. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the prediction. */
  readonly signal?: AbortSignal;
}

/** The results of {@link predictFiles} and the written files. */
export interface PredictReport {
  readonly model: string;
  readonly pictures: number;
  readonly people: number;
  /** COCO's results. */
  readonly results: string;
  /** The images' ids, names and sizes, and the category, as in COCO's annotations. */
  readonly images: string;
  readonly sheet?: string;
  /** The folder of the pictures with drawn people. */
  readonly overlays?: string;
  /** Images that could not be read, or that the file of boxes lacks. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly seconds: number;
}

const KNOWN = ['model', 'sources', 'out', 'boxes', 'annotations', 'detector', 'detectorKind', 'minScore', 'flipTest', 'batchSize', 'overlay', 'threshold', 'sheet', 'fps', 'detectEvery', 'onProgress', 'signal'] as const; // prettier-ignore

/**
 * Predicts the people in image and video files, and writes pictures with the poses drawn on them, a contact sheet, and
 * COCO results. Choose an engine first (`useEngine`), except for ONNX files.
 *
 * @throws Error or RangeError naming the missing file or the option out of range; an image that cannot be read is skipped and reported.
 * @example
 * import { predictFiles } from 'poseblocks/video/node';
 * const { results, people } = await predictFiles({ model: 'out/lpn-50', sources: 'photographs', out: 'predictions' });
 */
export async function predictFiles(options: PredictFilesOptions): Promise<PredictReport> {
  const { model, sources, out, overlay = 'png', threshold = 0.2, sheet = 24 } = knownOptions('predictFiles', options, KNOWN); // prettier-ignore
  const { boxes: boxFile, annotations, detector: detectorPath, detectorKind, minScore, flipTest, batchSize, fps, detectEvery, signal } = options; // prettier-ignore
  if (boxFile !== undefined && detectorPath !== undefined)
    throw new RangeError('predictFiles: boxes and detector must not both be given. Received: both.');
  if (!(Number.isInteger(sheet) && sheet >= 0 && sheet <= 400))
    throw new RangeError(`predictFiles: sheet must be a number of pictures from 0 to 400. Received: ${sheet}.`);
  if (!(threshold >= 0 && threshold <= 1))
    throw new RangeError(`predictFiles: threshold must be from 0 to 1. Received: ${threshold}.`);
  const begun = performance.now();
  const files = await findPictures(sources);
  const boxes = boxFile === undefined ? undefined : await readBoxesFile(boxFile, annotations === undefined ? {} : { annotations }); // prettier-ignore
  const found = detectorPath === undefined ? undefined : await detectorFile(detectorPath, { ...(detectorKind && { kind: detectorKind }), ...(minScore !== undefined && { minScore }) }); // prettier-ignore
  const skipped: { path: string; reason: string }[] = [];
  const results: object[] = [];
  const images: object[] = [];
  const tiles = evenSample<SheetPicture>(sheet);
  let people = 0;
  try {
    const estimator = await estimatorFile(model, { ...(flipTest !== undefined && { flipTest }), ...(batchSize !== undefined && { batchSize }) }); // prettier-ignore
    const skeleton = estimator.keypointSet;
    try {
      await mkdir(out, { recursive: true });
      const overlays = overlay === false ? undefined : join(out, 'overlays');
      const done = new Set<string>();
      const pictures = predictPictures(estimator, files, {
        ...(boxes && { boxes }),
        ...(found && { detector: found.detector }),
        ...(fps !== undefined && { fps }),
        ...(detectEvery !== undefined && { detectEvery }),
        ...(signal && { signal }),
        onSkip: (skip) => skipped.push(skip),
      });
      for await (const picture of pictures) {
        people += picture.people.length;
        const [{ width, height }, { imageId, time }] = [picture.image, picture];
        images.push({ id: imageId, file_name: picture.name, width, height, ...(time !== undefined && { time }) });
        results.push(...resultsOf(picture));
        let drawing: Promise<Uint8Array> | undefined;
        const drawn = (): Promise<Uint8Array> => (drawing ??= draw(picture, skeleton, { threshold, format: overlay === 'svg' ? 'svg' : 'png', ...(found && picture.time !== undefined && { colors: 'person' as const }) })); // prettier-ignore
        if (overlays !== undefined) await written(overlays, nameOf(picture, overlay as string), await drawn());
        await tiles.offer(async () => ({ bytes: await pictureThumbnail(await drawn()), caption: captionOf(picture) }));
        done.add(picture.path);
        options.onProgress?.(done.size - 1 + (picture.progress ?? 1) + skipped.length, files.length);
      }
      const paths = { results: join(out, 'results.json'), images: join(out, 'images.json') };
      await writeFile(paths.results, JSON.stringify(results));
      await writeFile(paths.images, JSON.stringify({ images, ...categories(skeleton) }));
      const chosen = tiles.chosen();
      const sheetPath = chosen.length === 0 ? undefined : join(out, 'sheet.png');
      if (sheetPath !== undefined) await writeFile(sheetPath, await pictureSheet(chosen));
      return {
        model,
        pictures: images.length,
        people,
        ...paths,
        ...(sheetPath !== undefined && { sheet: sheetPath }),
        ...(overlays !== undefined && { overlays }),
        skipped,
        seconds: (performance.now() - begun) / 1000,
      };
    } finally {
      await estimator.dispose();
    }
  } finally {
    await found?.dispose();
  }
}

function resultsOf({ imageId, people }: PredictedPicture): object[] {
  return people.map(({ keypoints, box, boxScore, categoryId, trackId }) => ({
    ...toCocoResult(keypoints, { imageId, boxScore, categoryId }),
    bbox: [...box],
    ...(trackId !== undefined && { track_id: trackId }),
  }));
}

async function draw(
  { image, people, name }: PredictedPicture,
  set: KeypointSet | undefined,
  // In a video a person keeps its colour when the others leave.
  style: { readonly threshold: number; readonly format: 'png' | 'svg'; readonly colors?: 'person' },
): Promise<Uint8Array> {
  const whole = people.length === 1 && people[0]!.box[2] === image.width && people[0]!.box[3] === image.height;
  const poses = people.map(({ keypoints, box, trackId }) => ({
    ...keypoints,
    ...(!whole && { box }),
    ...(trackId !== undefined && { id: trackId, label: String(trackId) }),
  }));
  return posePicture(image, poses, { skeleton: set ?? { edges: [] }, ...style, title: name });
}

const captionOf = ({ name, time, people }: PredictedPicture): string =>
  `${name}${time === undefined ? '' : ` ${time.toFixed(2)} s`}${people.length === 1 ? '' : `, ${people.length} people`}`;

const nameOf = ({ name, time, imageId }: PredictedPicture, format: string): string =>
  time === undefined ? `${name}.${format}` : join(name, `${String(imageId).padStart(6, '0')}.${format}`);

async function written(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = insideFolder(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

function categories(set: KeypointSet | undefined): object {
  if (set === undefined) return {};
  const skeleton = set.edges.map(([a, b]) => [a + 1, b + 1]);
  return { categories: [{ id: 1, name: set.name, keypoints: set.names, skeleton }] };
}
