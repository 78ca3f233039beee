import type { GraphNode as Node, OperationOf } from '../../graph';
import { ElementType, type OnnxGraph } from './onnx-graph';

/** Names of x and y, each [N, K, 1], in cells. */
type Cells = readonly [x: string, y: string];

/**
 * Heatmaps [N, K, H, W] → [N, K, 3]: x, y in pixels of the input, and the score. The rules are those of the decoders on arrays: the first maximum, (0, 0) where it
 * is not positive, a quarter offset only away from the border, and for soft-argmax the score of the nearest cell, halves to even.
 */
export function decode(
  graph: OnnxGraph,
  { name, op }: Node<OperationOf<'decode'>>,
  heatmaps: string,
  shape: readonly number[],
): string {
  const [height, width, count] = shape as [number, number, number];
  const numbers = new Map<number, string>();
  const number = (value: number): string => {
    const known = numbers.get(value) ?? graph.floats(`${name}.number.${value}`, Float32Array.of(value), []);
    numbers.set(value, known);
    return known;
  };
  const cast = (x: string): string => graph.node('Cast', [x], { to: ElementType.float32 });
  const flat = graph.node('Reshape', [heatmaps, graph.ints(0, count, -1)]);
  const at = (index: string): string => graph.node('GatherElements', [flat, index], { axis: 2 });
  const indexOf = ([x, y]: Cells): string =>
    graph.node('Cast', [graph.node('Add', [graph.node('Mul', [y, number(width)]), x])], { to: ElementType.int64 });

  const hard = (): { cells: Cells; score: string } => {
    const index = graph.node('ArgMax', [flat], { axis: 2, keepdims: 1 });
    const score = at(index);
    const positive = graph.node('Greater', [score, number(0)]);
    const where = (x: string): string => graph.node('Where', [positive, cast(x), number(0)]);
    const columns = graph.ints(width);
    return { cells: [where(graph.node('Mod', [index, columns])), where(graph.node('Div', [index, columns]))], score };
  };
  const soft = (beta: number): { cells: Cells; score: string } => {
    const weights = graph.node('Softmax', [graph.node('Mul', [flat, number(beta)])], { axis: 2 });
    const mean = (coordinate: (i: number) => number, key: string): string => {
      const values = Float32Array.from({ length: height * width }, (_, i) => coordinate(i));
      return graph.node('MatMul', [weights, graph.floats(`${name}.${key}`, values, [height * width, 1])]);
    };
    const cells: Cells = [mean((i) => i % width, 'columns'), mean((i) => Math.floor(i / width), 'rows')];
    return { cells, score: at(indexOf([graph.node('Round', [cells[0]]), graph.node('Round', [cells[1]])])) };
  };
  const refined = ([x, y]: Cells): Cells => {
    const half = number(0.5);
    const nearest = (value: string): string => graph.node('Floor', [graph.node('Add', [value, half])]);
    const [px, py] = [nearest(x), nearest(y)];
    const inside = (value: string, size: number): string =>
      graph.node('And', [graph.node('Greater', [value, number(1)]), graph.node('Less', [value, number(size - 1)])]);
    const both = graph.node('And', [inside(px, width), inside(py, height)]);
    const index = indexOf([px, py]);
    const neighbour = (step: number): string =>
      at(
        graph.node('Clip', [graph.node('Add', [index, graph.ints(step)]), graph.int(0), graph.int(height * width - 1)]),
      );
    const moved = (value: string, step: number): string => {
      const slope = graph.node('Sign', [graph.node('Sub', [neighbour(step), neighbour(-step)])]);
      const offset = graph.node('Where', [both, graph.node('Mul', [slope, number(0.25)]), number(0)]);
      return graph.node('Add', [value, offset]);
    };
    return [moved(x, 1), moved(y, width)];
  };

  const { cells, score } = op.beta === null ? hard() : soft(op.beta);
  const [x, y] = op.quarterOffset ? refined(cells) : cells;
  const pixels = [graph.node('Mul', [x, number(op.stride[0])]), graph.node('Mul', [y, number(op.stride[1])])];
  return graph.node('Concat', [...pixels, score], { axis: 2 }, name);
}
