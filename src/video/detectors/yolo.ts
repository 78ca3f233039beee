import { NORMALIZATIONS, type Normalization } from '../../datasets';
import type { DetectedBox, PersonDetector } from '../person-detector';
import { checkDetector, surest, type DetectorOptions } from './detector-options';
import { letterbox, type Letterbox } from './letterbox';

/** The output format of a YOLO-style network. */
export interface YoloLayout {
  /** `'rows'`: [1, N, F], one row per box. `'columns'`: [1, F, N]. */
  readonly order: 'rows' | 'columns';
  /** The first four numbers: centre and size, or two corners; in pixels of the input. */
  readonly box: 'center' | 'corners';
  /** The following numbers. `'classes'`: a score per class; `'objectness'`: a score for any object, which multiplies those of the classes; `'label'`: the score, then the class index. */
  readonly scores: 'classes' | 'objectness' | 'label';
}

/** YOLOv5, YOLOv7 and YOLOX (exported with decoding): [1, N, 5 + classes]. */
export const YOLO_V5: YoloLayout = { order: 'rows', box: 'center', scores: 'objectness' };
/** YOLOv8, v9, 11 and 12: [1, 4 + classes, N]. */
export const YOLO_V8: YoloLayout = { order: 'columns', box: 'center', scores: 'classes' };
/** YOLOv10 and other models that suppress duplicates: [1, N, 6]. */
export const YOLO_V10: YoloLayout = { order: 'rows', box: 'corners', scores: 'label' };

/** The used parts of an onnxruntime session (`-node` or `-web`). */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Record<string, never>,
  ): Promise<Record<string, { readonly data: unknown; readonly dims: readonly number[] }>>;
}

/** The class of onnxruntime's tensors: `Tensor` of the session's package. */
export type OnnxTensorClass = new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;

/** Options of {@link yoloDetector}. */
export interface YoloOptions extends DetectorOptions {
  /** `Tensor` of the same onnxruntime package as the session. */
  readonly Tensor: OnnxTensorClass;
  /** Output format: {@link YOLO_V5}, {@link YOLO_V8}, {@link YOLO_V10}, or your own. @defaultValue YOLO_V8 */
  readonly layout?: YoloLayout;
  /** `[width, height]` of the network's input, pixels. @defaultValue [640, 640] */
  readonly inputSize?: readonly [width: number, height: number];
  /** Normalisation of the input. @defaultValue RGB from 0 to 1 */
  readonly normalization?: Normalization;
  /** Index of the class person. @defaultValue 0, as in COCO */
  readonly personClass?: number;
  /** IoU above which the lower-scoring of two boxes is removed. @defaultValue 0.6 */
  readonly overlap?: number;
}

/**
 * A YOLO-style ONNX file in onnxruntime as a detector of people.
 *
 * The image is scaled into the top left corner of the input; the rest is black. Input [1, 3, H, W]; `layout` describes the first output.
 *
 * @param session an `InferenceSession` of `onnxruntime-node` or `onnxruntime-web`; it belongs to the caller.
 * @throws TypeError when the session is not an `InferenceSession`; RangeError for an output of another layout, or options out of range.
 * @example
 * import { InferenceSession, Tensor } from 'onnxruntime-web';
 * const session = await InferenceSession.create('/yolo.onnx');
 * const detector = yoloDetector(session, { Tensor, layout: YOLO_V8 });
 */
export function yoloDetector(session: OnnxSession, options: YoloOptions): PersonDetector {
  const { Tensor, layout = YOLO_V8, inputSize = [640, 640], personClass = 0, overlap = 0.6 } = options ?? {};
  const { minScore = 0.35, maxPeople, normalization = NORMALIZATIONS.unit } = options ?? {};
  if (typeof session?.run !== 'function' || typeof Tensor !== 'function') {
    throw new TypeError(
      `yoloDetector: session must be an InferenceSession, and options.Tensor the Tensor of the same package. Received: ${typeof session}, ${typeof Tensor}.`,
    );
  }
  checkDetector('yoloDetector', minScore, maxPeople);
  const [width, height] = inputSize;
  if (!inputSize.every((side) => Number.isInteger(side) && side > 0)) {
    throw new RangeError(
      `yoloDetector: inputSize must be [width, height] in pixels. Received: [${inputSize.join(', ')}].`,
    );
  }
  return async (image) => {
    const box = await letterbox(image, () => inputSize, normalization, { longest: Math.max(width, height) });
    const planes = new Float32Array(box.pixels.length);
    const cells = width * height;
    for (let i = 0; i < cells; i++) for (let c = 0; c < 3; c++) planes[c * cells + i] = box.pixels[3 * i + c]!;
    const feeds = { [session.inputNames[0]!]: new Tensor('float32', planes, [1, 3, height, width]) };
    const results = await session.run(feeds as Record<string, never>);
    const { data, dims } = results[session.outputNames[0]!]!;
    const found = readYolo(data as Float32Array, dims, layout, personClass, minScore, box);
    return surest(found, { minScore, maxPeople, overlap: layout.scores === 'label' ? 1 : overlap });
  };
}

function readYolo(
  data: Float32Array,
  dims: readonly number[],
  layout: YoloLayout,
  personClass: number,
  minScore: number,
  { toImage }: Letterbox,
): DetectedBox[] {
  const [rows, fields] = layout.order === 'rows' ? [dims[1], dims[2]] : [dims[2], dims[1]];
  const least = layout.scores === 'label' ? 6 : (layout.scores === 'objectness' ? 6 : 5) + personClass;
  if (dims.length !== 3 || dims[0] !== 1 || !(fields! >= least) || data.length !== rows! * fields!) {
    const wanted = layout.order === 'rows' ? `[1, N, F]` : `[1, F, N]`;
    throw new RangeError(
      `yoloDetector: the first output must be ${wanted} with F of at least ${least}. Received: [${dims.join(', ')}]. Pass the layout of the file.`,
    );
  }
  const at = (row: number, field: number): number =>
    layout.order === 'rows' ? data[row * fields! + field]! : data[field * rows! + row]!;
  const scoreOf = (row: number): number => {
    if (layout.scores === 'label') return Math.round(at(row, 5)) === personClass ? at(row, 4) : 0;
    return layout.scores === 'objectness' ? at(row, 4) * at(row, 5 + personClass) : at(row, 4 + personClass);
  };
  const found: DetectedBox[] = [];
  for (let row = 0; row < rows!; row++) {
    const score = scoreOf(row);
    if (!(score >= minScore)) continue;
    const [a, b, c, d] = [at(row, 0), at(row, 1), at(row, 2), at(row, 3)];
    const corners =
      layout.box === 'corners' ? ([a, b, c, d] as const) : ([a - c / 2, b - d / 2, a + c / 2, b + d / 2] as const);
    if (corners.every(Number.isFinite)) found.push({ box: toImage(...corners), score });
  }
  return found;
}
