import type { GraphNode as Node, OperationOf } from '../../graph';
import { blurKernel, DARK_UDP } from '../../postprocess';
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

  const sharpened = ([px, py]: Cells, score: string, taps: number): Cells => {
    const half = (taps - 1) / 2;
    const kernel = Float32Array.from(blurKernel(taps));
    const along = (maps: string, key: string, vertical: boolean): string =>
      graph.node(
        'Conv',
        [maps, graph.floats(`${name}.${key}`, kernel, [1, 1, ...(vertical ? [taps, 1] : [1, taps])])],
        {
          kernel_shape: vertical ? [taps, 1] : [1, taps],
          pads: vertical ? [half, 0, half, 0] : [0, half, 0, half],
        },
      );
    const maps = graph.node('Reshape', [flat, graph.ints(-1, 1, height, width)]);
    const blurred = graph.node('Reshape', [along(along(maps, 'across', false), 'down', true), graph.ints(-1, count, height * width)]); // prettier-ignore
    const read = (index: string): string => graph.node('GatherElements', [blurred, index], { axis: 2 });
    const largest = read(graph.node('ArgMax', [blurred], { axis: 2, keepdims: 1 }));
    const positive = (x: string): string => graph.node('Greater', [x, number(0)]);
    const counts = graph.node('And', [positive(score), positive(largest)]);
    const scale = graph.node('Div', [score, graph.node('Where', [counts, largest, number(1)])]);
    const two = (kind: string) => (a: string, b: string) => graph.node(kind, [a, b]);
    const [add, subtract, multiply, divide] = [two('Add'), two('Sub'), two('Mul'), two('Div')] as const;
    const clip = (x: string, low: number, high: number): string => graph.node('Clip', [x, number(low), number(high)]);
    const log = (dx: number, dy: number): string => {
      const cell = indexOf([clip(add(px, number(dx)), 0, width - 1), clip(add(py, number(dy)), 0, height - 1)]);
      return graph.node('Log', [clip(multiply(read(cell), scale), DARK_UDP.lowest, DARK_UDP.highest)]);
    };
    const twice = multiply(log(0, 0), number(2));
    const [right, left, below, above] = [log(1, 0), log(-1, 0), log(0, 1), log(0, -1)] as const;
    const [dx, dy] = [divide(subtract(right, left), number(2)), divide(subtract(below, above), number(2))];
    const [level, upright] = [add(right, left), add(below, above)];
    const bend = (sum: string): string => add(subtract(sum, twice), number(DARK_UDP.epsilon));
    const [dxx, dyy] = [bend(level), bend(upright)];
    const corners = add(log(1, 1), log(-1, -1));
    const dxy = divide(add(subtract(corners, add(level, upright)), twice), number(2));
    const determinant = subtract(multiply(dxx, dyy), multiply(dxy, dxy));
    const singular = graph.node('Equal', [determinant, number(0)]);
    const moves = graph.node('And', [counts, graph.node('Not', [singular])]);
    const divisor = graph.node('Where', [moves, determinant, number(1)]);
    const moved = (value: string, numerator: string, length: number): string =>
      graph.node('Where', [moves, clip(subtract(value, divide(numerator, divisor)), -1, length), value]);
    return [
      moved(px, subtract(multiply(dyy, dx), multiply(dxy, dy)), width),
      moved(py, subtract(multiply(dxx, dy), multiply(dxy, dx)), height),
    ];
  };

  const { cells, score } = op.beta === null ? hard() : soft(op.beta);
  const [x, y] =
    op.darkUdp !== undefined ? sharpened(cells, score, op.darkUdp) : op.quarterOffset ? refined(cells) : cells;
  const pixels = [graph.node('Mul', [x, number(op.stride[0])]), graph.node('Mul', [y, number(op.stride[1])])];
  return graph.node('Concat', [...pixels, score], { axis: 2 }, name);
}
