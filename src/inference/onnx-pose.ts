import { importByName } from '../bytes';
import { onnxMetadata } from '../interop';
import type { KeypointSet } from '../keypoints';
import { hasRecords, readRecordParts, type PoseRecords } from '../models';
import type { TensorArray } from '../postprocess';
import type { Codec } from '../targets';
import { peopleOf } from './compile-pose';
import type { PoseRunner } from './pose-runner';

/**
 * The onnxruntime that runs the file, an optional peer: `-node`, or `-web` in browsers. A page with a bundler passes the module itself,
 * `import * as ort from 'onnxruntime-web'`, since bundlers follow only static imports.
 */
export type OnnxRuntime = 'node' | 'web' | OnnxRuntimeModule;

/** The used parts of `onnxruntime-node`, `-web` or `-common`, as imported. */
export interface OnnxRuntimeModule {
  readonly InferenceSession: { create(bytes: Uint8Array, options?: object): Promise<object> };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a class of theirs, whose parameters have narrower types
  readonly Tensor: new (...parameters: any[]) => object;
}

/** An ONNX file and the runtime that runs it. */
export interface OnnxSource {
  readonly onnx: Uint8Array;
  readonly runtime: OnnxRuntime;
  /** Threads per run. In a browser, more than one requires a cross-origin isolated page. @defaultValue as onnxruntime chooses */
  readonly threads?: number;
}

/** The used parts of onnxruntime-common; both packages have them. */
interface Runtime {
  InferenceSession: { create(bytes: Uint8Array, options?: object): Promise<Session> };
  readonly env?: { readonly wasm?: { numThreads?: number } };
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Record<string, object>,
  ): Promise<Record<string, { readonly data: unknown; readonly dims: readonly number[] }>>;
  release(): Promise<void>;
}

/** The records in an ONNX file: those of its network, and which of them are inside the graph. */
export interface OnnxRecords extends Partial<PoseRecords> {
  readonly includes?: { readonly normalization: boolean; readonly decode: boolean; readonly layout: 'nhwc' | 'nchw' };
}

/**
 * The records that `exportOnnx` stored in a file's metadata; empty for files of other tools.
 *
 * @throws PoseModelError when they have a newer version, or are invalid.
 */
export function onnxRecords({ onnx }: OnnxSource): OnnxRecords {
  if (!(onnx instanceof Uint8Array)) {
    throw new TypeError(`createEstimator: onnx must be the bytes of a file, a Uint8Array. Received: ${typeof onnx}.`);
  }
  let metadata: Readonly<Record<string, string>>;
  try {
    metadata = onnxMetadata(onnx);
  } catch {
    return {}; // onnxruntime reports the reason
  }
  return hasRecords(metadata) ? (readRecordParts(metadata, 'createEstimator') as OnnxRecords) : {};
}

async function load(runtime: OnnxRuntime): Promise<Runtime> {
  // The types of the Node and the web package differ in what is not used here.
  if (typeof runtime === 'object') return runtime as unknown as Runtime;
  const name = `onnxruntime-${runtime}`;
  try {
    return await importByName<Runtime>(name);
  } catch (cause) {
    const page =
      typeof window === 'undefined'
        ? ''
        : `. In a page, pass the module: import * as ort from '${name}'; createEstimator({ onnx, runtime: ort })`;
    throw new Error(
      `createEstimator: the optional package '${name}' is not installed. Run: npm install ${name}${page}`,
      { cause },
    );
  }
}

function isRuntimeModule(value: unknown): value is OnnxRuntimeModule {
  const { InferenceSession, Tensor } = (value ?? {}) as Partial<OnnxRuntimeModule>;
  return typeof InferenceSession?.create === 'function' && typeof Tensor === 'function';
}

/** The pixels of N crops, with each row reversed. */
function mirrored(pixels: Float32Array, batch: number, [width, height]: readonly [number, number]): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let row = 0; row < batch * height; row++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (row * width + x);
      const to = 3 * (row * width + width - 1 - x);
      out[to] = pixels[from]!;
      out[to + 1] = pixels[from + 1]!;
      out[to + 2] = pixels[from + 2]!;
    }
  }
  return out;
}

/** [N, H, W, C] → [N, C, H, W], or back. */
function transposed({ values, shape }: TensorArray, to: 'nchw' | 'nhwc'): TensorArray {
  const [batch, a, b, c] = shape as [number, number, number, number];
  const [rows, columns] = to === 'nchw' ? [a * b, c] : [a, b * c];
  const out = new Float32Array(values.length);
  for (let n = 0, base = 0; n < batch; n++, base += rows * columns) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) out[base + j * rows + i] = values[base + i * columns + j]!;
    }
  }
  return { values: out, shape: to === 'nchw' ? [batch, c, a, b] : [batch, b, c, a] };
}

/** People `from` to `to` of a tensor. */
function people({ values, shape: [count, ...each] }: TensorArray, from: number, to: number): TensorArray {
  const size = values.length / count!;
  return { values: values.subarray(from * size, to * size), shape: [to - from, ...each] };
}

/** Runs crops in an ONNX file. Its last outputs are the ones that the codec decodes, or keypoints where the graph decodes itself. */
export async function onnxPose(
  { onnx: bytes, runtime, threads }: OnnxSource,
  {
    codec,
    flip,
    includes = { normalization: false, decode: false, layout: 'nhwc' },
  }: { readonly codec: Codec; readonly flip: KeypointSet | undefined } & Pick<OnnxRecords, 'includes'>,
): Promise<PoseRunner> {
  if (runtime !== 'node' && runtime !== 'web' && !isRuntimeModule(runtime)) {
    throw new RangeError(
      `createEstimator: runtime must be 'node', 'web', or the imported onnxruntime-web. Received: ${String(runtime)}.`,
    );
  }
  if (includes.decode && flip) {
    throw new RangeError(
      'createEstimator: the flip test averages outputs before decoding. Received: a file that decodes in its graph. Export it without decode.',
    );
  }
  const { InferenceSession, Tensor, env } = await load(runtime);
  if (runtime !== 'node' && threads !== undefined && env?.wasm) env.wasm.numThreads = threads;
  const session = await InferenceSession.create(
    bytes,
    threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 },
  ).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (/no available backend/i.test(reason)) {
      throw new Error(
        `createEstimator: onnxruntime must find its WebAssembly files. Received: ${reason.slice(0, 300).replace(/\.+$/, '')}. Serve its .wasm and .mjs files, and set ort.env.wasm.wasmPaths.`,
        { cause },
      );
    }
    throw new RangeError(
      `createEstimator: onnx must be a complete ONNX file. Received: ${bytes.length} bytes that onnxruntime rejects.`,
      { cause },
    );
  });
  const [width, height] = codec.inputSize;
  const [input] = session.inputNames;
  const names = session.outputNames.slice(includes.decode ? -1 : -codec.outputs);

  /** The decoded outputs, channels last, for crops [N, height, width, 3]. */
  async function outputsFor(values: Float32Array, batch: number): Promise<TensorArray[]> {
    const crops: TensorArray = { values, shape: [batch, height, width, 3] };
    const fed = includes.layout === 'nchw' ? transposed(crops, 'nchw') : crops;
    const results = await session
      .run({ [input!]: new Tensor('float32', fed.values, fed.shape) })
      .catch((cause: unknown) => {
        throw new RangeError(
          `createEstimator: the file must take images [N, ${height}, ${width}, 3]. Received: ${(cause as Error).message}. Export with the codec's inputSize, channels last.`,
          { cause },
        );
      });
    return names.map((name) => {
      const { data, dims } = results[name]!;
      const found: TensorArray = { values: data as Float32Array, shape: dims };
      return includes.layout === 'nchw' && dims.length === 4 ? transposed(found, 'nhwc') : found;
    });
  }

  return {
    async run(pixels, batch) {
      if (includes.decode) {
        const [found] = await outputsFor(pixels, batch);
        if (found!.shape.length !== 3 || found!.shape[2] !== 3) {
          throw new RangeError(
            `createEstimator: the file's last output must be keypoints [N, K, 3], as its metadata says. Received: [${found!.shape.join(', ')}].`,
          );
        }
        return peopleOf(found!.values, batch, found!.shape[1]!);
      }
      const both = new Float32Array(flip ? 2 * pixels.length : pixels.length);
      both.set(pixels);
      if (flip) both.set(mirrored(pixels, batch, codec.inputSize), pixels.length);
      const outputs = await outputsFor(both, flip ? 2 * batch : batch);
      try {
        codec.checkOutputs('createEstimator', outputs.map(({ shape }) => shape)); // prettier-ignore
      } catch (cause) {
        throw new RangeError(
          `${(cause as Error).message} For an ONNX file: export it with the codec's sizes, without decode, channels last.`,
          { cause },
        );
      }
      if (!flip) return codec.decodeArrays(outputs);
      const straight = outputs.map((output) => people(output, 0, batch));
      const turned = outputs.map((output) => people(output, batch, 2 * batch));
      return codec.decodeArrays(codec.mergeFlipArrays(straight, turned, flip));
    },
    dispose: () => session.release(),
  };
}
