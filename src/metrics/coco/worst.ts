import { knownSetOf } from './known-set';
import type { KeypointSet } from '../../keypoints';
import type { PoseLike } from '../pose';
import { classifyKeypoints, keypointErrorKinds } from './classify-keypoints';
import type { CocoErrorKind } from './errors';
import type { CocoEvaluation } from './evaluate-coco';
import { UNRANKED } from './match';
import { isRequired, matchSelected } from './matches';
import { OksMatrix } from './oks-matrix';

/** One of the people on whom most of an error falls. */
export interface CocoWorstPerson {
  readonly imageId: number;
  /** The annotated person; absent for `spurious`. */
  readonly annotationId?: number;
  readonly truth?: PoseLike;
  /** The person's box, otherwise that around the predicted keypoints: `[x, y, width, height]`, pixels. */
  readonly box: readonly [number, number, number, number];
  /** The detection; absent for `missed`. */
  readonly predicted?: PoseLike;
  readonly detectionScore?: number;
  /** OKS of the two; absent unless there are both. */
  readonly oks?: number;
  /** Indices of the keypoints with this error; empty for `missed` and `spurious`. */
  readonly keypoints: readonly number[];
}

/** The worst people by kind of error, in the order of `cocoErrors`. */
export interface CocoWorst {
  readonly kind: CocoErrorKind['kind'];
  /** Number of people or detections with this error. */
  readonly count: number;
  readonly worst: readonly CocoWorstPerson[];
}

/** Options of {@link cocoWorst}. */
export interface CocoWorstOptions {
  /** Number of people for each kind. @defaultValue 8 */
  readonly keep?: number;
  /** OKS from which a detection is attributed to a person. @defaultValue 0.1 */
  readonly matchThreshold?: number;
  /** The keypoint set, for its flip pairs. @defaultValue the known set with that number of keypoints */
  readonly set?: KeypointSet;
}

/**
 * The people to look at for each kind of error of `cocoErrors`: those with the most keypoints of the kind, and of equals the lowest OKS; the largest missed
 * people; the spurious detections of the highest score.
 *
 * @example for (const { kind, worst } of cocoWorst(evaluation)) console.log(kind, worst.map(({ annotationId }) => annotationId));
 */
export function cocoWorst(evaluation: CocoEvaluation, options: CocoWorstOptions = {}): CocoWorst[] {
  const { keep = 8, matchThreshold = 0.1 } = options;
  const { params, grouping, accumulator, reranking } = evaluation;
  const { people, detections } = accumulator.tables;
  const set = options.set ?? knownSetOf(params.sigmas.length);
  const { matches, met } = matchSelected(evaluation, { threshold: matchThreshold }, 'cocoWorst');
  const hits = grouping.detections.order.filter((d) => matches.hits[0]![d] === 1);
  const { kindOf } = classifyKeypoints({ tables: accumulator.tables, grouping, hits, met, sigmas: params.sigmas, flipPairs: set?.flipPairs ?? [] }); // prettier-ignore
  const matrix = new OksMatrix(accumulator.tables, params.sigmas);
  const scores = reranking?.scores ?? detections.scores.data;
  const indices = params.sigmas.map((_, k) => k);
  const truthOf = (p: number): Pick<CocoWorstPerson, 'annotationId' | 'truth' | 'box' | 'imageId'> => {
    const row = people.keypoints.row(p);
    return {
      imageId: people.images.data[p]!,
      annotationId: people.ids.data[p]!,
      truth: { xy: indices.flatMap((k) => [row[3 * k]!, row[3 * k + 1]!]), score: indices.map((k) => row[3 * k + 2]!) },
      box: Array.from(people.boxes.row(p)) as [number, number, number, number],
    };
  };
  const predictedOf = (d: number): Pick<CocoWorstPerson, 'predicted' | 'detectionScore'> => ({
    predicted: { xy: Array.from(detections.xy.row(d)), score: indices.map(() => 1) },
    detectionScore: scores[d]!,
  });

  const pairs = Array.from(hits, (d) => ({ d, person: met[d]!, oks: matrix.pair(d, met[d]!) }));
  const kinds = keypointErrorKinds.map((kind): CocoWorst => {
    const having = pairs
      .map((pair) => ({ ...pair, keypoints: indices.filter((k) => kindOf(pair.d, k) === kind) }))
      .filter(({ keypoints }) => keypoints.length > 0)
      .sort((a, b) => b.keypoints.length - a.keypoints.length || a.oks - b.oks || a.d - b.d);
    const worst = having.slice(0, keep).map(({ d, person, oks, keypoints }) => ({ ...truthOf(person), ...predictedOf(d), oks, keypoints })); // prettier-ignore
    return { kind, count: having.length, worst };
  });
  const found = new Set(pairs.map(({ person }) => person));
  const missed = Array.from(grouping.people.order)
    .filter((p) => isRequired(evaluation, p) && !found.has(p))
    .sort((a, b) => people.areas.data[b]! - people.areas.data[a]! || a - b);
  const spurious = Array.from(grouping.detections.order)
    .filter((d) => matches.ranks[d] !== UNRANKED && matches.ignored[0]![d] === 0 && matches.hits[0]![d] === 0)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
  return [
    ...kinds,
    {
      kind: 'missed',
      count: missed.length,
      worst: missed.slice(0, keep).map((p) => ({ ...truthOf(p), keypoints: [] })),
    },
    {
      kind: 'spurious',
      count: spurious.length,
      worst: spurious.slice(0, keep).map((d) => {
        const pose = predictedOf(d);
        return { imageId: detections.images.data[d]!, ...pose, box: around(pose.predicted!.xy), keypoints: [] };
      }),
    },
  ];
}

function around(xy: ArrayLike<number>): [number, number, number, number] {
  const xs = Array.from(xy).filter((_, i) => i % 2 === 0);
  const ys = Array.from(xy).filter((_, i) => i % 2 === 1);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}
