import type { GraphNode as Node, OperationOf } from '../../graph';
import type { OnnxGraph } from './onnx-graph';

/** One softmax over all cells of a joint, and one product with the coordinates of the cells, relative to the centre, where float32 is most accurate. */
export function integral(
  graph: OnnxGraph,
  { name, op, shape }: Node<OperationOf<'integral'>>,
  input: string,
  inputShape: readonly number[],
): string {
  const [height, width] = inputShape as [number, number];
  const [keypoints, axes] = shape as [number, number];
  const cells = height * width * op.depth;
  const sizes = [width, height, op.depth].slice(0, axes);
  const grid = new Float32Array(cells * axes);
  for (let cell = 0; cell < cells; cell++) {
    let rest = cell;
    sizes.forEach((size, axis) => {
      grid[cell * axes + axis] = ((rest % size) - (size - 1) / 2) / size;
      rest = Math.floor(rest / size);
    });
  }
  const rows = graph.node('Reshape', [input, graph.ints(0, keypoints, cells)]);
  const weights = graph.node('Softmax', [rows], { axis: -1 });
  const middle = graph.node('MatMul', [weights, graph.floats(`${name}.grid`, grid, [cells, axes])]);
  const offset = graph.floats(
    `${name}.offset`,
    Float32Array.from(sizes, (size) => -0.5 / size),
    [axes],
  );
  return graph.node('Add', [middle, offset], {}, name);
}
