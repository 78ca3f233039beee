import type { GraphNode as Node, OperationOf } from '../../graph';
import type { OnnxGraph } from './onnx-graph';

/** Repeats each pixel. */
export function upsample(graph: OnnxGraph, { name, op }: Node<OperationOf<'upsample'>>, input: string): string {
  const scales = graph.floats(`${name}.scales`, Float32Array.of(1, 1, op.size, op.size), [4]);
  const attributes = { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' };
  return graph.node('Resize', [input, '', scales], attributes, name);
}

const RESIZE = { legacy: 'asymmetric', alignCorners: 'align_corners', halfPixel: 'half_pixel' } as const;

/** The batch size is known at run time only, so the output size is computed there; a float scale could round a pixel away. */
export function resize(
  graph: OnnxGraph,
  { name, op, shape }: Node<OperationOf<'resize'>>,
  input: string,
  inputShape: readonly number[],
): string {
  const [height, width, channels] = shape as [number, number, number];
  const attributes = { mode: 'linear', coordinate_transformation_mode: RESIZE[op.mode] };
  const [y, x] = [height / inputShape[0]!, width / inputShape[1]!];
  if (Number.isInteger(y) && Number.isInteger(x)) {
    return graph.node(
      'Resize',
      [input, '', graph.floats(`${name}.scales`, Float32Array.of(1, 1, y, x), [4])],
      attributes,
      name,
    );
  }
  const batch = graph.node('Slice', [graph.node('Shape', [input]), graph.ints(0), graph.ints(1)]);
  const size = graph.node('Concat', [batch, graph.ints(channels, height, width)], { axis: 0 });
  return graph.node('Resize', [input, '', '', size], attributes, name);
}
