import {
  fold,
  graphOf,
  withDecode,
  withNormalization,
  type Graph,
  type GraphNormalization,
  type GraphOptions,
} from '../../graph';
import type { KeypointSet } from '../../keypoints';
import { apart, poseMetadata, type ExportCodec, type ExportSource } from '../pose-metadata';
import { emitOperation } from './emit-operation';
import { OnnxGraph } from './onnx-graph';

/** What whoever runs the file must know, kept in its metadata as JSON under `poseblocks.*`. A pose model brings all of it. */
export interface OnnxMetadata {
  /** How the output is decoded: any codec. */
  readonly codec?: ExportCodec;
  /** What the input is normalised by before it is fed. */
  readonly normalization?: GraphNormalization;
  readonly keypointSet?: KeypointSet;
}

export interface ExportOnnxOptions extends GraphOptions {
  /** ONNX operator set, 17 (which has LayerNormalization) to 21. @defaultValue 17 */
  readonly opset?: number;
  /** Of input and outputs: channels last as in tfjs, or first as PyTorch exports. @defaultValue 'nhwc' */
  readonly layout?: 'nhwc' | 'nchw';
  /** Puts this normalisation into the graph, or with true the pose model's: the input is then RGB from 0 to 255. @defaultValue false */
  readonly normalize?: GraphNormalization | boolean;
  /**
   * Puts this codec's decoding into the graph, or with true the pose model's, in place of the outputs: `keypoints` [N, K, 3], x and y in pixels of the input,
   * and the score.
   *
   * @defaultValue false
   */
  readonly decode?: ExportCodec | boolean;
  /** For a network alone. @defaultValue the pose model's */
  readonly metadata?: OnnxMetadata;
  /** How weights are kept; float16 halves the file and is widened when it is loaded. @defaultValue 'float32' */
  readonly weights?: 'float32' | 'float16';
}

const OPSETS = [17, 21] as const;

/**
 * A network as an ONNX file, in pure TypeScript: normalisations folded into convolutions, the batch size free. Of a pose model the file also says how its output
 * is decoded, in its metadata, so that `createEstimator({ onnx, runtime })` needs no options.
 * [N, H, W, 3] float32 `image` → one output per output of the network, named as its layer.
 *
 * @param source a pose model, or a network
 * @throws RangeError that names the layer or decoder that cannot be converted, or an opset that is not there.
 * @example await writeFile('lpn-50.onnx', await exportOnnx(model, { decode: true, normalize: true }))
 */
export async function exportOnnx(source: ExportSource, options: ExportOnnxOptions = {}): Promise<Uint8Array> {
  const { network, parts: own } = apart(source);
  const parts = { ...own, ...options.metadata };
  const { opset = 17, layout = 'nhwc', weights = 'float32' } = options;
  if (!Number.isInteger(opset) || opset < OPSETS[0] || opset > OPSETS[1]) {
    throw new RangeError(`exportOnnx: opset must be an integer from ${OPSETS[0]} to ${OPSETS[1]}. Received: ${opset}.`);
  }
  const normalize = asked('normalize', options.normalize, parts.normalization);
  const decode = asked('decode', options.decode, parts.codec);
  let graph = fold(await graphOf(network, { ...(options.converters && { converters: options.converters }) }));
  if (normalize) graph = withNormalization(graph, normalize);
  if (decode) graph = withDecode(graph, decodeOperation(decode, graph));
  const codec = decode ?? parts.codec;
  const records = poseMetadata(
    { ...parts, ...(codec && { codec }), ...(normalize && { normalization: normalize }) },
    { includes: { normalization: normalize !== undefined, decode: decode !== undefined, layout } },
  );
  return write(graph, { opset, last: layout === 'nhwc', half: weights === 'float16', metadata: records });
}

/** What an option names, or the source's where it is true. */
function asked<T extends object>(name: string, option: T | boolean | undefined, own: T | undefined): T | undefined {
  if (option === undefined || option === false) return undefined;
  const found = option === true ? own : option;
  if (found === undefined) {
    throw new TypeError(
      `exportOnnx: ${name}: true takes it from a pose model. Received: a network alone. Give it in place of true.`,
    );
  }
  return found;
}

function decodeOperation(
  codec: ExportCodec,
  { outputs, nodes }: Graph,
): NonNullable<ReturnType<NonNullable<ExportCodec['decodeOperation']>>> {
  const last = nodes.find(({ name }) => name === outputs[outputs.length - 1])!;
  codec.checkOutputs?.('exportOnnx', [[1, ...last.shape]]);
  const operation = codec.decodeOperation?.();
  if (operation === undefined) {
    throw new RangeError(
      `exportOnnx: decode takes a codec of heatmaps whose decoder is argmax, quarter-offset or soft-argmax without a radius. Received: ${JSON.stringify(codec.toJSON())}. ` +
        'Export without decode: createEstimator decodes the output with the codec.',
    );
  }
  return operation;
}

function write(
  graph: Graph,
  {
    opset,
    last,
    half,
    metadata,
  }: { opset: number; last: boolean; half: boolean; metadata: Readonly<Record<string, string>> },
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
  return onnx.finish(graph.name, {
    inputs: graph.inputs.map(({ name }) => value(name)),
    outputs: graph.outputs.map(value),
    opset,
    metadata,
  });
}
