import { hasFields, knownOptions, requireThat } from '../bytes';
import { imageSize, type ImageSource } from '../inference';
import { COCO, type Box, type Keypoints } from '../keypoints';
import { distinctPoses, pairUp, type FoundPose } from './assign-poses';
import { oneEuro, type OneEuroOptions } from './one-euro';
import type { PersonDetector } from './person-detector';
import { confidenceOf, iou, meets, poseBox } from './pose-box';
import { shareBoxes } from './share-boxes';
import { stillPicture } from './still-picture';
import { follow, nextBox, putBack, type Track } from './track';

/** The estimator interface that tracking needs; `createEstimator` returns one. */
export interface PoseEstimator {
  estimate(image: ImageSource, boxes: readonly Box[]): Promise<Keypoints<'image'>[]>;
}

/** A person in one picture of a video, in the form that `drawPose` takes. */
export interface TrackedPose extends Keypoints<'image'> {
  /** Constant while the person is tracked, from 1; never reused. */
  readonly id: number;
  readonly box: Box;
  /** Mean of the keypoint confidences. */
  readonly confidence: number;
  /** Id and confidence, for drawing. */
  readonly label: string;
  /** Seconds at which the person entered. */
  readonly since: number;
}

/** Options of {@link trackPoses}. */
export interface TrackPosesOptions {
  /**
   * Detects several people, and people who enter later. Without a detector, the first person is searched in the whole picture and
   * tracked alone.
   */
  readonly detector?: PersonDetector;
  /** The detector runs in every n-th picture, after a second without it, and whenever a person is lost or no one is tracked. @defaultValue 10 */
  readonly detectEvery?: number;
  /** Options of the 1 € filter; false returns poses as estimated. */
  readonly smoothing?: OneEuroOptions | false;
  /** Mean confidence below which a pose is not a person. Other trained heatmaps may need another value. @defaultValue 0.2 */
  readonly minConfidence?: number;
  /** Maximum number of people, highest scores first. @defaultValue 10 */
  readonly maxPeople?: number;
  /** Number of consecutive pictures without the person until it is lost. @defaultValue 5 */
  readonly patience?: number;
  /** Seconds within which a lost person that is found again keeps its id. @defaultValue 2 */
  readonly memory?: number;
  /** OKS standard deviations of the keypoints: `keypointSet.sigmas`. @defaultValue COCO's for 17 keypoints, 0.08 for others */
  readonly sigmas?: readonly number[];
  /** Called when a person appears. */
  readonly onEntered?: (person: TrackedPose) => void;
  /** Called with the last state of a lost person. */
  readonly onLost?: (person: TrackedPose) => void;
}

/** A tracker, as {@link trackPoses} makes it. */
export interface PoseTracker {
  /**
   * Returns the people in the next picture.
   *
   * @param time seconds. Default: the clock. A time before the previous one restarts tracking, as when a video restarts.
   */
  update(image: ImageSource, time?: number): Promise<TrackedPose[]>;
  /** Removes all people; the numbering of ids continues. */
  reset(): void;
}

/** Number of detector runs that must miss a person of whom the network is also unsure, before it is dropped. */
const UNSEEN = 2;
/** IoU with the detector's box below which a person's box is replaced by it. */
const STRAYED = 0.7;
/** Seconds without the detector, at most: of few pictures a second, every tenth is too seldom. */
const LONGEST = 1;

/**
 * Tracks people through a video. The box in each picture comes from the pose in the last one, so a detector is needed only
 * occasionally, or never for one person; poses are matched to people by OKS, smoothed, and given ids.
 *
 * @returns a tracker; call `update` for each picture in order, and await each call.
 * @throws RangeError for options out of range.
 * @example
 * const tracker = trackPoses(await createEstimator(model), { detector });
 * for await (const { image, time } of frames(video)) {
 *   drawPose(context, await tracker.update(image, time), { skeleton: model.keypointSet, size });
 * }
 */
export function trackPoses(estimator: PoseEstimator, options: TrackPosesOptions = {}): PoseTracker {
  requireThat(
    hasFields(estimator, 'estimate'),
    'trackPoses',
    'estimator must be what createEstimator gives',
    estimator,
    'trackPoses(await createEstimator(model)).',
  );
  knownOptions('trackPoses', options, ['detector', 'detectEvery', 'smoothing', 'minConfidence', 'maxPeople', 'patience', 'memory', 'sigmas', 'onEntered', 'onLost']); // prettier-ignore
  const { detector, smoothing, onEntered, onLost } = options;
  requireThat(
    detector === undefined || typeof detector === 'function',
    'trackPoses',
    'detector must be a function from a picture to boxes',
    detector,
    'poseblocks/video/detectors makes some.',
  );
  const { detectEvery = 10, minConfidence = 0.2, maxPeople = 10, patience = 5, memory = 2 } = options;
  checkOptions({ detectEvery, maxPeople, patience: patience + 1, minConfidence, memory });
  if (smoothing) oneEuro(smoothing); // throws early for invalid options
  const threshold = Math.max(0.05, 0.6 * minConfidence);

  let tracks: Track[] = [];
  let lost: Track[] = [];
  let ids = 0;
  let last = -Infinity;
  let sinceDetection = Infinity;
  let detected = -Infinity;
  let running = false;

  /** Boxes to look into: one for each tracked person, in order, then those that may contain a person who is not tracked. */
  const boxesIn = async (image: ImageSource, size: readonly [number, number], time: number): Promise<Box[]> => {
    const known = tracks.map((track) => nextBox(track, time));
    if (detector === undefined)
      return known.length > 0 ? known : [await singlePerson(estimator, image, size, threshold)];
    const due =
      sinceDetection >= detectEvery ||
      time - detected >= LONGEST ||
      known.length === 0 ||
      tracks.some(({ missed }) => missed > 0);
    sinceDetection = due ? 1 : sinceDetection + 1;
    if (!due) return known;
    detected = time;
    const found = [...(await detector(image))].sort((a, b) => b.score - a.score).map(({ box }) => box);
    const { own, fresh } = shareBoxes(
      known,
      found.filter((box) => meets(box, size)),
    );
    tracks.forEach((track, i) => (track.unseen = own[i] === undefined ? track.unseen + 1 : 0));
    // A pose that strays takes its box along; the detector's box brings it back.
    const boxes = known.map((box, i) => {
      const seen = own[i];
      if (seen === undefined || iou(box, seen) >= STRAYED) return box;
      putBack(tracks[i]!, seen);
      return seen;
    });
    return [...boxes, ...fresh.slice(0, Math.max(0, maxPeople - known.length))];
  };

  const shown = (track: Track, pose: Keypoints<'image'>): TrackedPose => {
    const { id, since, box } = track;
    const confidence = confidenceOf(pose);
    return { ...pose, id, box, since, confidence, label: `${id} · ${Math.round(100 * confidence)} %` };
  };

  const next = async (source: ImageSource, time: number): Promise<TrackedPose[]> => {
    if (time < last) forget();
    last = time;
    const reread = detector !== undefined || tracks.length === 0;
    const [image, release] = await stillPicture(source, reread);
    try {
      const size = imageSize(image);
      tracks = tracks.filter((track) => meets(nextBox(track, time), size) || leave(track));
      const boxes = await boxesIn(image, size, time);
      const poses = boxes.length === 0 ? [] : await estimator.estimate(image, boxes);
      return assign(poses, boxes, time);
    } finally {
      release?.();
    }
  };

  const assign = (poses: readonly Keypoints<'image'>[], boxes: readonly Box[], time: number): TrackedPose[] => {
    const sigmas = options.sigmas ?? sigmasOf(poses[0]);
    const free = new Set(distinctPoses(poses, boxes, { minConfidence, threshold, sigmas }));
    const owner = new Map<Track, FoundPose>();
    const take = (among: readonly Track[]): void => pairUp(among, free, owner, { time, sigmas });
    take(tracks);
    // A person who moved too fast for OKS, but was found in its own crop.
    tracks.forEach((track, i) => {
      const own = owner.has(track) ? undefined : [...free].find((found) => found.own === i);
      if (own === undefined) return;
      owner.set(track, own);
      free.delete(own);
    });
    lost = lost.filter((track) => time - track.time <= memory);
    const before = new Set(owner.keys());
    take(lost);
    const back = [...owner.keys()].filter((track) => !before.has(track));
    lost = lost.filter((track) => !back.includes(track));
    const entered = [...free].slice(0, Math.max(0, maxPeople - tracks.length - back.length)).map((found) => {
      const smooth = smoothing === false ? undefined : oneEuro(smoothing);
      const box = poseBox(found.pose, threshold)!;
      const track: Track = {
        id: ++ids,
        since: time,
        smooth,
        pose: found.pose,
        box,
        time,
        velocity: [0, 0],
        missed: 0,
        unseen: 0,
      };
      owner.set(track, found);
      return track;
    });

    // A pose with low confidence that the detector does not confirm is background.
    for (const track of tracks) {
      const found = owner.get(track);
      if (found && track.unseen >= UNSEEN && found.confidence < 2.5 * minConfidence) owner.delete(track);
      if (!owner.has(track)) track.missed = track.unseen >= UNSEEN ? patience + 1 : track.missed + 1;
    }
    tracks = [...tracks.filter((track) => track.missed <= patience || leave(track)), ...back, ...entered];
    const people = tracks.flatMap((track) => {
      const found = owner.get(track);
      if (found === undefined) return [];
      if (back.includes(track)) track.smooth?.reset();
      follow(track, found.pose, time, threshold);
      return [shown(track, track.smooth?.(found.pose, time) ?? found.pose)];
    });
    for (const person of people) if ([...entered, ...back].some(({ id }) => id === person.id)) onEntered?.(person);
    return people;
  };

  /** Returns false, for use in a filter. */
  const leave = (track: Track): boolean => {
    lost.push(track);
    onLost?.(shown(track, track.pose));
    return false;
  };
  const forget = (): void => {
    for (const track of tracks) onLost?.(shown(track, track.pose));
    [tracks, lost, last, sinceDetection, detected] = [[], [], -Infinity, Infinity, -Infinity];
  };

  return {
    async update(image, time = performance.now() / 1000) {
      if (!Number.isFinite(time))
        throw new RangeError(`trackPoses: time must be finite, in seconds. Received: ${time}.`);
      if (running) {
        throw new Error(
          'trackPoses: update must not be called before the previous call has finished. Received: a second call. Write: await tracker.update(…).',
        );
      }
      running = true;
      try {
        return await next(image, time);
      } finally {
        running = false;
      }
    },
    reset: forget,
  };
}

/** One person in the whole picture: the box of the pose found there, and of the pose found in that box. */
async function singlePerson(
  estimator: PoseEstimator,
  image: ImageSource,
  size: readonly [number, number],
  threshold: number,
): Promise<Box> {
  let box: Box = [0, 0, ...size];
  for (let round = 0; round < 2; round++) {
    const [pose] = await estimator.estimate(image, [box]);
    // The person is small and blurred in the first pass, so confidences are low: the best keypoints determine the box.
    const best = Math.max(...pose!.score);
    const closer = poseBox(pose!, Math.min(threshold, 0.5 * best));
    if (closer === undefined || !meets(closer, size)) break;
    box = closer;
  }
  return box;
}

function sigmasOf(pose: Keypoints | undefined): readonly number[] {
  const count = pose?.score.length ?? 0;
  return count === COCO.sigmas.length ? COCO.sigmas : new Array<number>(count).fill(0.08);
}

function checkOptions(given: Record<string, number>): void {
  for (const [name, value] of Object.entries(given)) {
    if (!(value > 0)) throw new RangeError(`trackPoses: ${name} must be a number above 0. Received: ${value}.`);
  }
}
