import type { Graph, Node, OperationOf } from './graph';

/** `(value / 255 − mean) / std` per channel, in the channel order of the network. */
export interface GraphNormalization {
  readonly channels: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

const NORMALIZED = 'normalized';

/**
 * @internal Adds the normalisation of RGB pixels from 0 to 255 at the start. BGR has no cost: the first convolution reads its channels in reverse order.
 *
 * @throws RangeError when the image is read by an operation other than a convolution of three channels.
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

/** A kernel [h, w, 3, F] with its inputs in reverse order. */
function reverseInputs(data: Float32Array, filters: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let tap = 0; tap < data.length; tap += 3 * filters) {
    for (let c = 0; c < 3; c++)
      out.set(data.subarray(tap + (2 - c) * filters, tap + (3 - c) * filters), tap + c * filters);
  }
  return out;
}

/** @internal Adds the decoding after the last output, [H, W, K], and replaces it: `keypoints` [K, 3], x and y in pixels of the input, and the score. */
export function withDecode(graph: Graph, op: OperationOf<'decode'>): Graph {
  const last = graph.outputs[graph.outputs.length - 1]!;
  const count = graph.nodes.find(({ name }) => name === last)!.shape[2]!;
  const node: Node = { name: 'keypoints', inputs: [last], shape: [count, 3], op };
  return { ...graph, nodes: [...graph.nodes, node], outputs: [node.name] };
}
