import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fold } from '../graph/fold';
import { graphOf } from '../graph/read-network';
import { emitOperation } from './emit-operation';
import { OnnxGraph } from './onnx-graph';

export interface ExportOnnxOptions {
  /** ONNX operator set, 17 (which has LayerNormalization) to 21. @defaultValue 17 */
  opset?: number;
  /** Of input and outputs: channels last as in tfjs, or first as PyTorch exports. @defaultValue 'nhwc' */
  layout?: 'nhwc' | 'nchw';
}

const OPSETS = [17, 21] as const;

/**
 * A network as an ONNX file, in pure TypeScript: normalisations folded into convolutions, the batch size free.
 * [N, H, W, 3] float32 `image` → one output per output of the network, named as its layer.
 *
 * @throws RangeError that names the layer that cannot be converted, or an opset that is not there.
 * @example await writeFile('lpn-50.onnx', await exportOnnx(network))
 */
export async function exportOnnx(
  network: LayersModel,
  { opset = 17, layout = 'nhwc' }: ExportOnnxOptions = {},
): Promise<Uint8Array> {
  if (!Number.isInteger(opset) || opset < OPSETS[0] || opset > OPSETS[1]) {
    throw new RangeError(`exportOnnx: opset must be an integer from ${OPSETS[0]} to ${OPSETS[1]}. Received: ${opset}.`);
  }
  const graph = fold(await graphOf(network));
  const onnx = new OnnxGraph();
  const names = new Map<string, string>();
  const shapes = new Map<string, readonly number[]>();
  const last = layout === 'nhwc';
  const first = ([height, width, channels]: readonly number[]): number[] => [channels!, height!, width!];

  for (const { name, shape } of graph.inputs) {
    shapes.set(name, shape);
    names.set(name, last ? onnx.node('Transpose', [name], { perm: [0, 3, 1, 2] }) : name);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => names.get(input)!);
    const isOutput = graph.outputs.includes(node.name);
    // The name of an output is kept for what comes after the last transpose.
    const named = isOutput && last ? { ...node, name: `${node.name}.nchw` } : node;
    names.set(node.name, emitOperation(onnx, named, inputs, shapes.get(node.inputs[0]!)!));
    shapes.set(node.name, node.shape);
  }
  for (const name of last ? graph.outputs : [])
    onnx.node('Transpose', [names.get(name)!], { perm: [0, 2, 3, 1] }, name);

  const value = (name: string, shape: readonly number[]) => ({
    name,
    type: 'float32' as const,
    shape: ['N', ...(last ? shape : first(shape))],
  });
  return onnx.finish(graph.name, {
    inputs: graph.inputs.map(({ name, shape }) => value(name, shape)),
    outputs: graph.outputs.map((name) => value(name, shapes.get(name)!)),
    opset,
    metadata: {},
  });
}
