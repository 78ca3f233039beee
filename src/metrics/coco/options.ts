import { knownOptions } from '../../bytes';
import { COCO_SIGMAS } from '../../keypoints';

/** Options of the COCO evaluation. The defaults are the official protocol. */
export interface CocoOptions {
  /** OKS standard deviation of each keypoint; their number is K. @defaultValue COCO's 17 */
  readonly sigmas?: readonly number[];
  /** OKS thresholds of a match, ascending. @defaultValue 0.5, 0.55 … 0.95 */
  readonly thresholds?: readonly number[];
  /** Recall thresholds at which the precision–recall curve is sampled, ascending. @defaultValue 0, 0.01 … 1 */
  readonly recallThresholds?: readonly number[];
  /** Ranges of the person's area in square pixels, both ends included, by name. @defaultValue `all`, `medium` and `large` */
  readonly areaRanges?: Readonly<Record<string, readonly [number, number]>>;
  /** Number of detections evaluated per image, highest scores first. With several numbers, each gets its own metrics. @defaultValue 20 */
  readonly maxDets?: number | readonly number[];
  /** Categories to evaluate; the metrics are means over them. @defaultValue those of the dataset */
  readonly categories?: readonly number[];
  /** Images to evaluate. @defaultValue all images of the dataset */
  readonly images?: readonly number[];
  /**
   * pycocotools counts a detection matched to annotation 0 as a false positive, because 0 is its mark of "no match".
   * The metrics reproduce this unless this option is true. @defaultValue false
   */
  readonly matchIdZero?: boolean;
  /**
   * `false` uses 0.53 · width · height of the box as a person's area, as xtcocotools does with `use_area=False`: for data sets without areas
   * (CrowdPose, AIC, PoseTrack18, JHMDB). @defaultValue true
   */
  readonly useArea?: boolean;
  /** Recomputes scores from the scores of the keypoints, before all other steps. @defaultValue no rescoring */
  readonly rescore?: RescoreOptions;
  /** Suppresses duplicates by OKS in each image, after rescoring. @defaultValue no suppression */
  readonly nms?: CocoNmsOptions;
}

/** `score = score × mean of the keypoints' scores above visibleThreshold` (0 if none), as SimpleBaseline and HRNet do. */
export interface RescoreOptions {
  /** Minimum score of a keypoint in the mean. @defaultValue 0.2 */
  readonly visibleThreshold?: number;
}

/** Greedy OKS-NMS, or its soft variant. */
export interface CocoNmsOptions {
  /** A detection is removed when its OKS with a kept one is above this. Soft: the decay in exp(−OKS²/threshold). @defaultValue 0.9 */
  readonly threshold?: number;
  /** Lowers scores in place of removing detections, and keeps at most `maxKept`. @defaultValue false */
  readonly soft?: boolean;
  /** Maximum number of detections kept, soft variant only. @defaultValue 20 */
  readonly maxKept?: number;
}

/** {@link CocoOptions}, complete and validated. */
export interface CocoParams {
  readonly sigmas: readonly number[];
  readonly thresholds: readonly number[];
  readonly recallThresholds: readonly number[];
  readonly areaNames: readonly string[];
  readonly areaRanges: readonly (readonly [number, number])[];
  /** Ascending. */
  readonly maxDets: readonly number[];
  readonly categories: readonly number[] | null;
  readonly images: readonly number[] | null;
  readonly matchIdZero: boolean;
  readonly useArea: boolean;
  readonly rescore: Required<RescoreOptions> | null;
  readonly nms: Required<CocoNmsOptions> | null;
}

const defaultAreaRanges = { all: [0, 1e10], medium: [32 ** 2, 96 ** 2], large: [96 ** 2, 1e10] } as const;

/**
 * @throws RangeError naming the invalid option.
 */
export function cocoParams(options: CocoOptions, where: string): CocoParams {
  knownOptions(where, options, ['sigmas', 'thresholds', 'recallThresholds', 'areaRanges', 'maxDets', 'categories', 'images', 'matchIdZero', 'useArea', 'rescore', 'nms']); // prettier-ignore
  const fail = (option: string, must: string, received: unknown): never => {
    throw new RangeError(`${where}: ${option} must ${must}. Received: ${JSON.stringify(received)}.`);
  };
  const ascending = (values: readonly number[], option: string, lowest: number): readonly number[] => {
    const holds = values.length > 0 && values.every((v, i) => v <= 1 && v >= (i === 0 ? lowest : values[i - 1]!));
    return holds ? values : fail(option, `be numbers from ${lowest} to 1 in ascending order`, values);
  };
  const sigmas = options.sigmas ?? COCO_SIGMAS;
  if (sigmas.length === 0 || !sigmas.every((s) => s > 0 && Number.isFinite(s))) {
    fail('sigmas', 'be positive numbers, one per keypoint', sigmas);
  }
  const ranges = Object.entries(options.areaRanges ?? defaultAreaRanges);
  if (ranges.length === 0) fail('areaRanges', 'hold at least one range', options.areaRanges);
  for (const [name, range] of ranges) {
    if (!(range.length === 2 && range[0] <= range[1])) fail(`areaRanges.${name}`, 'be [low, high]', range);
  }
  const maxDets = typeof options.maxDets === 'object' ? [...options.maxDets] : [options.maxDets ?? 20];
  if (maxDets.length === 0 || !maxDets.every((n) => Number.isSafeInteger(n) && n > 0)) {
    fail('maxDets', 'be positive integers', options.maxDets);
  }
  const threshold = options.nms?.threshold ?? 0.9;
  if (!(threshold > 0)) fail('nms.threshold', 'be positive', threshold);
  return {
    sigmas,
    thresholds: ascending(options.thresholds ?? linspace(0.5, 0.95, 10), 'thresholds', 0),
    recallThresholds: ascending(options.recallThresholds ?? linspace(0, 1, 101), 'recallThresholds', 0),
    areaNames: ranges.map(([name]) => name),
    areaRanges: ranges.map(([, range]) => range),
    maxDets: maxDets.sort((a, b) => a - b),
    categories: options.categories ?? null,
    images: options.images ?? null,
    matchIdZero: options.matchIdZero ?? false,
    useArea: options.useArea ?? true,
    rescore: options.rescore ? { visibleThreshold: options.rescore.visibleThreshold ?? 0.2 } : null,
    nms: options.nms ? { threshold, soft: options.nms.soft ?? false, maxKept: options.nms.maxKept ?? 20 } : null,
  };
}

/** numpy's linspace, bit for bit: 0.9 becomes 0.8999999999999999, the value with which recalls are compared. */
function linspace(start: number, stop: number, count: number): number[] {
  const step = (stop - start) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? stop : i * step + start));
}
