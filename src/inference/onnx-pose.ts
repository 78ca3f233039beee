import { mirrorOrder } from '../keypoints';
import type { HeatmapCodec } from '../targets';
import type { FlipTest, PoseRunner } from './pose-runner';

/** Which onnxruntime runs the file, both optional peers: `-node`, or `-web` in browsers. */
export type OnnxRuntime = 'node' | 'web';

/** An ONNX file and what runs it. */
export interface OnnxSource {
  readonly onnx: Uint8Array;
  readonly runtime: OnnxRuntime;
  /** Of one run. In a browser, more than one need a cross-origin isolated page. @defaultValue as onnxruntime chooses */
  readonly threads?: number;
}

/** As much of onnxruntime-common as is used here; both packages have it. */
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

async function load(runtime: OnnxRuntime): Promise<Runtime> {
  const name = `onnxruntime-${runtime}`;
  try {
    return (await (runtime === 'node' ? import('onnxruntime-node') : import('onnxruntime-web'))) as unknown as Runtime;
  } catch (cause) {
    throw new Error(`createEstimator: the optional package '${name}' is not installed. Run: npm install ${name}`, {
      cause,
    });
  }
}

/** The pixels of N crops, each row turned round. */
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

/** ½ (heatmaps + mirrored heatmaps turned back), one person, into the first. As `flipAverage`, on memory. */
function averageFlipped(
  heatmaps: Float32Array,
  flipped: Float32Array,
  [width, height]: readonly [number, number],
  order: readonly number[],
  shift: boolean,
): void {
  const count = order.length;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = shift ? Math.max(0, x - 1) : x;
      const at = (y * width + x) * count;
      const turned = (y * width + width - 1 - source) * count;
      for (let k = 0; k < count; k++) heatmaps[at + k] = 0.5 * (heatmaps[at + k]! + flipped[turned + order[k]!]!);
    }
  }
}

/** An ONNX file of heatmaps, channels last, as something that runs crops. */
export async function onnxPose(
  { onnx: bytes, runtime, threads }: OnnxSource,
  { codec, flipTest }: { codec: HeatmapCodec; flipTest?: FlipTest },
): Promise<PoseRunner> {
  const { InferenceSession, Tensor, env } = await load(runtime);
  if (runtime === 'web' && threads !== undefined && env?.wasm) env.wasm.numThreads = threads;
  const session = await InferenceSession.create(
    bytes,
    threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 },
  ).catch((cause: unknown) => {
    throw new RangeError(
      `createEstimator: onnx must be a whole ONNX file. Received: ${bytes.length} bytes that onnxruntime refuses.`,
      { cause },
    );
  });
  const [width, height] = codec.inputSize;
  const [columns, rows] = codec.heatmapSize;
  const [input] = session.inputNames;
  const output = session.outputNames[session.outputNames.length - 1]!;
  const order = flipTest && mirrorOrder(flipTest.keypointSet);

  return {
    async run(pixels, batch) {
      const both = order ? 2 * batch : batch;
      const fed = new Float32Array(both * 3 * width * height);
      fed.set(pixels);
      if (order) fed.set(mirrored(pixels, batch, codec.inputSize), pixels.length);
      const images = new Tensor('float32', fed, [both, height, width, 3]);
      const results = await session.run({ [input!]: images }).catch((cause: unknown) => {
        throw new RangeError(
          `createEstimator: the file must take images [N, ${height}, ${width}, 3]. Received: ${(cause as Error).message}. Export with the codec's inputSize, channels last.`,
          { cause },
        );
      });
      const { data, dims } = results[output]!;
      if (dims.length !== 4 || dims[1] !== rows || dims[2] !== columns) {
        throw new RangeError(
          `createEstimator: the file's last output must be heatmaps [N, ${rows}, ${columns}, K]. Received: [${dims.join(', ')}]. Export with the codec's sizes, without decode, channels last.`,
        );
      }
      const count = dims[3]!;
      const size = rows * columns * count;
      const values = data as Float32Array;
      return Array.from({ length: batch }, (_, n) => {
        const heatmaps = values.slice(n * size, (n + 1) * size);
        if (order) {
          const flipped = values.subarray((batch + n) * size, (batch + n + 1) * size);
          averageFlipped(heatmaps, flipped, codec.heatmapSize, order, flipTest.shift ?? codec.align !== 'centers');
        }
        return codec.decode({ heatmaps, weights: new Float32Array(count).fill(1), shape: [rows, columns, count] });
      });
    },
    dispose: () => session.release(),
  };
}
