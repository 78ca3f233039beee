import type { Graph, Node, OperationOf } from './graph';

/** `(value / 255 − mean) / std` of each channel, in the order in which the network reads them. */
export interface GraphNormalization {
  readonly channels: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** What a saved heatmap codec tells of its decoding. */
export interface HeatmapCodecJSON {
  readonly codec: string;
  readonly inputSize: readonly [width: number, height: number];
  readonly heatmapSize: readonly [width: number, height: number];
  readonly align: 'edges' | 'centers';
  readonly refine:
    | { readonly decoder: 'argmax' | 'quarter-offset' }
    | { readonly decoder: 'dark' | 'second-maximum' }
    | {
        readonly decoder: 'soft-argmax';
        readonly beta: number;
        readonly radius: number | null;
        readonly quarterOffset: boolean;
      };
}

const NORMALIZED = 'normalized';

/**
 * Puts the normalisation of RGB pixels from 0 to 255 in front. Blue before red costs nothing: the first convolution reads its channels the other way.
 *
 * @throws RangeError when something else than a convolution of three channels reads the image.
 */
export function withNormalization(graph: Graph, { channels, mean, std }: GraphNormalization): Graph {
  const [image] = graph.inputs;
  const reversed = channels === 'bgr';
  const inRgb = (values: readonly number[]): number[] => (reversed ? [...values].reverse() : [...values]);
  const [means, deviations] = [inRgb(mean), inRgb(std)];
  const normalize: Node = {
    name: NORMALIZED,
    inputs: [image!.name],
    shape: image!.shape,
    op: {
      kind: 'affine',
      scale: Float32Array.from(deviations, (deviation) => 1 / (255 * deviation)),
      offset: Float32Array.from(means, (value, c) => -value / deviations[c]!),
    },
  };
  const nodes = graph.nodes.map((node): Node => {
    if (!node.inputs.includes(image!.name)) return node;
    const next = { ...node, inputs: node.inputs.map((input) => (input === image!.name ? NORMALIZED : input)) };
    if (!reversed) return next;
    const { op } = next;
    if (op.kind !== 'conv' || op.groups !== 1 || op.kernel.shape[2] !== 3) {
      throw new RangeError(
        `${node.name}: only a convolution of three channels can read them as BGR. Received: ${op.kind}.`,
      );
    }
    return {
      ...next,
      op: { ...op, kernel: { ...op.kernel, data: reverseInputs(op.kernel.data, op.kernel.shape[3]!) } },
    };
  });
  return { ...graph, nodes: [normalize, ...nodes] };
}

/** A kernel [h, w, 3, F] with its inputs in the other order. */
function reverseInputs(data: Float32Array, filters: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let tap = 0; tap < data.length; tap += 3 * filters) {
    for (let c = 0; c < 3; c++)
      out.set(data.subarray(tap + (2 - c) * filters, tap + (3 - c) * filters), tap + c * filters);
  }
  return out;
}

/**
 * The decoding of a codec as an operation on heatmaps [H, W, K] → [K, 3]: x and y in pixels of the input, and the score.
 *
 * @throws RangeError for decoders that are for arrays only: DARK, the local soft-argmax, and targets that are no heatmaps.
 */
export function decodeOperation(codec: HeatmapCodecJSON): OperationOf<'decode'> {
  const { inputSize, heatmapSize, align, refine } = codec;
  const fail = (what: string): never => {
    throw new RangeError(
      `decode: the decoder must be argmax, quarter-offset or soft-argmax without a radius. Received: ${what}. Decode the heatmaps with the codec instead.`,
    );
  };
  if (codec.codec !== 'gaussian') fail(`a codec of ${codec.codec} targets`);
  if (refine.decoder === 'dark' || refine.decoder === 'second-maximum') fail(refine.decoder);
  if (refine.decoder === 'soft-argmax' && refine.radius !== null) fail(`soft-argmax of radius ${refine.radius}`);
  const stride = ([0, 1] as const).map((axis) =>
    align === 'centers' ? (inputSize[axis] - 1) / (heatmapSize[axis] - 1) : inputSize[axis] / heatmapSize[axis],
  ) as [number, number];
  return {
    kind: 'decode',
    beta: refine.decoder === 'soft-argmax' ? refine.beta : null,
    quarterOffset: refine.decoder === 'quarter-offset' || (refine.decoder === 'soft-argmax' && refine.quarterOffset),
    stride,
  };
}

/**
 * Puts the decoding behind the last output, which it replaces.
 *
 * @throws RangeError when the heatmaps are of another size than the codec's, or its decoder is one for arrays only.
 */
export function withDecode(graph: Graph, codec: HeatmapCodecJSON): Graph {
  const last = graph.outputs[graph.outputs.length - 1]!;
  const heatmaps = graph.nodes.find(({ name }) => name === last)!;
  const [height, width, count] = heatmaps.shape as [number, number, number];
  if (width !== codec.heatmapSize[0] || height !== codec.heatmapSize[1]) {
    throw new RangeError(
      `decode: the codec's heatmaps must be as large as the network's. Received: [${codec.heatmapSize.join(', ')}] for [${width}, ${height}].`,
    );
  }
  const node: Node = { name: 'keypoints', inputs: [last], shape: [count, 3], op: decodeOperation(codec) };
  return { ...graph, nodes: [...graph.nodes, node], outputs: [node.name] };
}
