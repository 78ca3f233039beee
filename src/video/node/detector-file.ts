import { stat } from 'node:fs/promises';
import {
  moveNetDetector,
  nanoDetDetector,
  yoloDetector,
  YOLO_V10,
  YOLO_V5,
  YOLO_V8,
  type DetectorOptions,
  type OnnxSession,
  type OnnxTensorClass,
  type YoloLayout,
} from '../detectors';
import type { PersonDetector } from '../person-detector';
import { graphModelFile } from './graph-model-file';

/** A detector that owns the model of its file. */
export interface FileDetector {
  readonly detector: PersonDetector;
  readonly kind: DetectorKind;
  dispose(): Promise<void>;
}

/** The supported kinds of detectors, by the format of their boxes. */
export const DETECTOR_KINDS = ['yolov5', 'yolov8', 'yolov10', 'movenet', 'nanodet'] as const;
/** Detectors that are opened from files. */
export type DetectorKind = (typeof DETECTOR_KINDS)[number];

const LAYOUTS: Readonly<Partial<Record<DetectorKind, YoloLayout>>> = {
  yolov5: YOLO_V5,
  yolov8: YOLO_V8,
  yolov10: YOLO_V10,
};

/** Options of {@link detectorFile}. */
export interface DetectorFileOptions extends DetectorOptions {
  /** Kind of the detector. @defaultValue detected from the file's inputs and outputs */
  readonly kind?: DetectorKind;
}

/**
 * A detector of people from a file: a YOLO-style `.onnx`, which onnxruntime-node runs, or the `model.json` of MoveNet MultiPose or NanoDet as a graph model,
 * which the current engine runs. The kind is detected from the shapes.
 *
 * @throws Error naming the path when it cannot be read, or the missing package; RangeError for a file of another kind.
 * @example const { detector } = await detectorFile('yolov8n.onnx');
 */
export async function detectorFile(path: string, options: DetectorFileOptions = {}): Promise<FileDetector> {
  await stat(path).catch((cause: unknown) => {
    throw new Error(`detectorFile: the file must exist. Received: ${path}.`, { cause });
  });
  if (/\.onnx$/i.test(path)) return ofOnnx(path, options);
  if (/\.json$/i.test(path)) return ofGraphModel(path, options);
  throw new RangeError(
    `detectorFile: a detector must be an .onnx file or the model.json of a graph model. Received: ${path}.`,
  );
}

interface Session extends OnnxSession {
  readonly inputMetadata: readonly { readonly shape?: readonly (number | string)[] }[];
  readonly outputMetadata: readonly { readonly shape?: readonly (number | string)[] }[];
  release(): Promise<void>;
}

async function ofOnnx(path: string, { kind: asked, ...options }: DetectorFileOptions): Promise<FileDetector> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node').catch((cause: unknown) => {
    throw new Error(
      "detectorFile: the optional package 'onnxruntime-node' is not installed. Run: npm install onnxruntime-node",
      { cause },
    );
  });
  const session = (await InferenceSession.create(path).catch((cause: unknown) => {
    throw new RangeError(
      `detectorFile: ${path} must be a complete ONNX file. Received: one that onnxruntime rejects.`,
      {
        cause,
      },
    );
  })) as unknown as Session;
  const output = session.outputMetadata[0]?.shape ?? [];
  const kind = asked ?? yoloKind(output);
  const layout = LAYOUTS[kind];
  if (layout === undefined)
    throw new RangeError(`detectorFile: an ONNX file must be of kind yolov5, yolov8 or yolov10. Received: ${kind}.`);
  const [height, width] = (session.inputMetadata[0]?.shape ?? []).slice(2).map(Number);
  const sized = width! > 0 && height! > 0 ? { inputSize: [width!, height!] as const } : {};
  const detector = yoloDetector(session, {
    ...options,
    ...sized,
    layout,
    Tensor: Tensor as unknown as OnnxTensorClass,
  });
  return { detector, kind, dispose: () => session.release() };
}

/** Rows of six are final boxes; longer rows have an objectness; the transposed layout has none. */
function yoloKind(shape: readonly (number | string)[]): DetectorKind {
  const [, second, third] = shape.map(Number);
  if (shape.length === 3) {
    if (third === 6) return 'yolov10';
    if (second! < third! || !(third! > 0)) return 'yolov8';
    if (third! < second!) return 'yolov5';
  }
  throw new RangeError(
    `detectorFile: the kind of detector must be recognisable from its first output, [1, N, 6], [1, N, F] or [1, F, N]. Received: [${shape.join(', ')}]. Pass the kind.`,
  );
}

async function ofGraphModel(path: string, { kind: asked, ...options }: DetectorFileOptions): Promise<FileDetector> {
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter').catch((cause: unknown) => {
    throw new Error(
      "detectorFile: the optional package '@tensorflow/tfjs-converter' is not installed. Run: npm install @tensorflow/tfjs-converter@4.22.0",
      { cause },
    );
  });
  const model = await loadGraphModel(graphModelFile(path));
  const [input] = model.inputs;
  const kind = asked ?? (input?.dtype === 'int32' ? 'movenet' : 'nanodet');
  try {
    if (asked === undefined && kind === 'nanodet' && input?.shape?.[1] !== 3) {
      throw new RangeError(
        `detectorFile: a graph model must be MoveNet MultiPose, with an int32 input, or NanoDet, with an input of [1, 3, S, S]. Received: ${path}, with a ${input?.dtype} input of [${input?.shape?.join(', ')}].`,
      );
    }
    if (kind !== 'movenet' && kind !== 'nanodet')
      throw new RangeError(`detectorFile: a graph model must be of kind movenet or nanodet. Received: ${kind}.`);
    const detector = kind === 'movenet' ? moveNetDetector(model, options) : nanoDetDetector(model, options);
    return { detector, kind, dispose: async () => model.dispose() };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
