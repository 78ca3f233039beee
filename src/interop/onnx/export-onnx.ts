import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  fold,
  graphOf,
  withDecode,
  withNormalization,
  type Graph,
  type GraphNormalization,
  type HeatmapCodecJSON,
} from '../../graph';
import { emitOperation } from './emit-operation';
import { OnnxGraph } from './onnx-graph';

/** What whoever runs the file must know, kept in its metadata as JSON under `poseblocks.*`. */
export interface OnnxMetadata {
  /** How heatmaps are decoded: any codec. */
  readonly codec?: { toJSON(): unknown };
  /** What the input is normalised by before it is fed. */
  readonly normalization?: GraphNormalization;
  readonly keypointSet?: object;
}

export interface ExportOnnxOptions {
  /** ONNX operator set, 17 (which has LayerNormalization) to 21. @defaultValue 17 */
  opset?: number;
  /** Of input and outputs: channels last as in tfjs, or first as PyTorch exports. @defaultValue 'nhwc' */
  layout?: 'nhwc' | 'nchw';
  /** Puts this normalisation into the graph: the input is then RGB from 0 to 255. */
  normalize?: GraphNormalization;
  /** Puts this codec's decoding into the graph, in place of the outputs: `keypoints` [N, K, 3], x and y in pixels of the input, and the score. */
  decode?: { toJSON(): HeatmapCodecJSON };
  metadata?: OnnxMetadata;
  /** How weights are kept; float16 halves the file and is widened when it is loaded. @defaultValue 'float32' */
  weights?: 'float32' | 'float16';
}

const OPSETS = [17, 21] as const;

/**
 * A network as an ONNX file, in pure TypeScript: normalisations folded into convolutions, the batch size free.
 * [N, H, W, 3] float32 `image` → one output per output of the network, named as its layer.
 *
 * @throws RangeError that names the layer or decoder that cannot be converted, or an opset that is not there.
 * @example await writeFile('lpn-50.onnx', await exportOnnx(network, { decode: codec, normalize: NORMALIZATIONS.imagenet }))
 */
export async function exportOnnx(network: LayersModel, options: ExportOnnxOptions = {}): Promise<Uint8Array> {
  const { opset = 17, layout = 'nhwc', normalize, decode, metadata = {}, weights = 'float32' } = options;
  if (!Number.isInteger(opset) || opset < OPSETS[0] || opset > OPSETS[1]) {
    throw new RangeError(`exportOnnx: opset must be an integer from ${OPSETS[0]} to ${OPSETS[1]}. Received: ${opset}.`);
  }
  let graph = fold(await graphOf(network));
  if (normalize) graph = withNormalization(graph, normalize);
  if (decode) graph = withDecode(graph, decode.toJSON());
  const codec = decode ?? metadata.codec;
  const records = {
    codec: codec?.toJSON(),
    normalization: normalize ?? metadata.normalization,
    keypointSet: metadata.keypointSet,
    includes: { normalization: normalize !== undefined, decode: decode !== undefined, layout },
  };
  return write(graph, { opset, last: layout === 'nhwc', half: weights === 'float16', records });
}

function write(
  graph: Graph,
  {
    opset,
    last,
    half,
    records,
  }: { opset: number; last: boolean; half: boolean; records: Readonly<Record<string, unknown>> },
): Uint8Array {
  const onnx = new OnnxGraph({ half });
  const names = new Map<string, string>();
  const shapes = new Map<string, readonly number[]>();
  const isMap = (shape: readonly number[]): boolean => shape.length === 3;

  for (const { name, shape } of graph.inputs) {
    shapes.set(name, shape);
    names.set(name, last ? onnx.node('Transpose', [name], { perm: [0, 3, 1, 2] }) : name);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => names.get(input)!);
    // The name of an output is kept for what comes after the last transpose.
    const turned = last && isMap(node.shape) && graph.outputs.includes(node.name);
    const named = turned ? { ...node, name: `${node.name}.nchw` } : node;
    names.set(node.name, emitOperation(onnx, named, inputs, shapes.get(node.inputs[0]!)!));
    shapes.set(node.name, node.shape);
    if (turned) onnx.node('Transpose', [names.get(node.name)!], { perm: [0, 2, 3, 1] }, node.name);
  }
  const external = (shape: readonly number[]): readonly number[] =>
    last || !isMap(shape) ? shape : [shape[2]!, shape[0]!, shape[1]!];
  const value = (name: string) => ({ name, type: 'float32' as const, shape: ['N', ...external(shapes.get(name)!)] });
  const metadata = Object.entries(records).flatMap(([key, record]) =>
    record === undefined ? [] : [[`poseblocks.${key}`, JSON.stringify(record)] as const],
  );
  return onnx.finish(graph.name, {
    inputs: graph.inputs.map(({ name }) => value(name)),
    outputs: graph.outputs.map(value),
    opset,
    metadata: Object.fromEntries(metadata),
  });
}
