import { knownOptions } from '../../bytes';
import {
  fold,
  graphOf,
  networkIn,
  withDecode,
  withNormalization,
  type Graph,
  type GraphNormalization,
  type GraphOptions,
} from '../../graph';
import type { KeypointSet } from '../../keypoints';
import { apart, poseMetadata, type ExportCodec, type ExportSource } from '../pose-metadata';
import { emitOperation } from './emit-operation';
import { OnnxGraph, type WeightType } from './onnx-graph';

/** Information for users of the file, stored in its metadata as JSON under `poseblocks.*`. A pose model provides all of it. */
export interface OnnxMetadata {
  /** The codec, which says how the output is decoded. */
  readonly codec?: ExportCodec;
  /** Normalisation of the input. */
  readonly normalization?: GraphNormalization;
  readonly keypointSet?: KeypointSet;
}

/** Options of {@link exportOnnx}. */
export interface ExportOnnxOptions extends GraphOptions {
  /** ONNX operator set, from 17 (the first with LayerNormalization) to 21. @defaultValue 17 */
  readonly opset?: number;
  /** Layout of input and outputs: channels last as in tfjs, or first as in PyTorch exports. @defaultValue 'nhwc' */
  readonly layout?: 'nhwc' | 'nchw';
  /** Adds this normalisation, or with `true` the pose model's, to the graph: the input is then RGB from 0 to 255. @defaultValue false */
  readonly normalize?: GraphNormalization | boolean;
  /**
   * Adds this codec's decoding, or with `true` the pose model's, to the graph. It replaces the outputs by
   * `keypoints`, [N, K, 3]: x and y in pixels of the input, and the score.
   *
   * @defaultValue false
   */
  readonly decode?: ExportCodec | boolean;
  /** Metadata for a network without a pose model. @defaultValue the pose model's */
  readonly metadata?: OnnxMetadata;
  /**
   * Type of the stored weights. float16 halves the file. int8 quarters it: filters are integers up to 127, scaled by their largest weight (per output channel; per
   * input channel in transposed convolutions), behind a DequantizeLinear node; arithmetic stays in float32.
   * @defaultValue 'float32'
   */
  readonly weights?: 'float32' | 'float16' | 'int8';
}

const OPSETS = [17, 21] as const;

/**
 * Exports a network as an ONNX file, in pure TypeScript, with normalisations folded into convolutions and a variable batch size. The metadata of an exported pose model says
 * how its output is decoded, so `createEstimator({ onnx, runtime })` needs no options.
 * [N, H, W, 3] float32 `image` → one output per output of the network, named as its layer.
 *
 * @param source a pose model, or a network
 * @throws RangeError naming the layer or decoder that cannot be converted, or an opset that is not supported.
 * @example await writeFile('lpn-50.onnx', await exportOnnx(model, { decode: true, normalize: true }))
 */
export async function exportOnnx(source: ExportSource, options: ExportOnnxOptions = {}): Promise<Uint8Array> {
  knownOptions('exportOnnx', options, ['opset', 'layout', 'normalize', 'decode', 'metadata', 'weights', 'converters']);
  networkIn('exportOnnx', source);
  const { network, parts: own } = apart(source);
  const parts = { ...own, ...options.metadata };
  const { opset = 17, layout = 'nhwc', weights = 'float32' } = options;
  if (!Number.isInteger(opset) || opset < OPSETS[0] || opset > OPSETS[1]) {
    throw new RangeError(`exportOnnx: opset must be an integer from ${OPSETS[0]} to ${OPSETS[1]}. Received: ${opset}.`);
  }
  if (layout !== 'nhwc' && layout !== 'nchw') {
    throw new RangeError(`exportOnnx: layout must be 'nhwc' or 'nchw'. Received: ${String(layout)}.`);
  }
  if (!['float32', 'float16', 'int8'].includes(weights)) {
    throw new RangeError(`exportOnnx: weights must be 'float32', 'float16' or 'int8'. Received: ${String(weights)}.`);
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
  return write(graph, { opset, last: layout === 'nhwc', weights, metadata: records });
}

/** The value of an option, or the source's where it is `true`. */
function asked<T extends object>(name: string, option: T | boolean | undefined, own: T | undefined): T | undefined {
  if (option === undefined || option === false) return undefined;
  const found = option === true ? own : option;
  if (found === undefined) {
    throw new TypeError(
      `exportOnnx: ${name}: true takes the value from a pose model. Received: a network alone. Pass the value in place of true.`,
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
      `exportOnnx: decode takes a codec of heatmaps whose decoder is argmax, quarter-offset, dark-udp or soft-argmax without a radius. Received: ${JSON.stringify(codec.toJSON())}. ` +
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
    weights,
    metadata,
  }: { opset: number; last: boolean; weights: WeightType; metadata: Readonly<Record<string, string>> },
): Uint8Array {
  const onnx = new OnnxGraph({ weights });
  const names = new Map<string, string>();
  const shapes = new Map<string, readonly number[]>();
  const isMap = (shape: readonly number[]): boolean => shape.length === 3;

  for (const { name, shape } of graph.inputs) {
    shapes.set(name, shape);
    names.set(name, last ? onnx.node('Transpose', [name], { perm: [0, 3, 1, 2] }) : name);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => names.get(input)!);
    // The output name is reserved for the last transpose.
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
