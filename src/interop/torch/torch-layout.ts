/** Name and layout of a layer's weight in a PyTorch state dict. */
export interface TorchWeight {
  /** The last part of `P.weight`. */
  readonly suffix: string;
  /** `axes[i]` is the axis of the tfjs tensor that is PyTorch's axis i; absent where the layout is the same. */
  readonly axes?: readonly number[];
  /** Shape in PyTorch. */
  readonly shape: readonly number[];
}

const SUFFIXES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  depthwise_kernel: 'weight',
  gamma: 'weight',
  bias: 'bias',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** Convolutions: HWIO → OIHW. Transposed ones: HWOI → IOHW, the same permutation. Depthwise: H·W·C·M → C·M·H·W, flattened to C·M, 1. */
const CONVOLUTION = [3, 2, 0, 1];
const DEPTHWISE = [2, 3, 0, 1];
const DENSE = [1, 0];

/**
 * The PyTorch form of weight `name` (the part of its tfjs name after the layer's) of a layer of class `kind` with that shape; null where PyTorch has no such weight.
 * One rule for every network: the layer path is the module path.
 */
export function torchWeight(kind: string, name: string, shape: readonly number[]): TorchWeight | null {
  const suffix = SUFFIXES[name];
  if (suffix === undefined) return null;
  if (name === 'depthwise_kernel') {
    const [height, width, channels, multiplier] = shape as [number, number, number, number];
    return { suffix, axes: DEPTHWISE, shape: [channels * multiplier, 1, height, width] };
  }
  if (name === 'kernel') {
    const axes = shape.length === 2 ? DENSE : CONVOLUTION;
    return { suffix, axes, shape: axes.map((axis) => shape[axis]!) };
  }
  // PyTorch's LayerNorm over the channels of a 1×1 map keeps the map's axes.
  if (kind === 'LayerNormalization') return { suffix, shape: [shape[0]!, 1, 1] };
  return { suffix, shape };
}

interface Axis {
  readonly size: number;
  /** Distance in the source between neighbours along the axis. */
  readonly step: number;
}

/** The axes of the result in order. Axes that are contiguous in the source are merged, and axes of length 1 are dropped. */
function axesOf(shape: readonly number[], axes: readonly number[]): Axis[] {
  const out: Axis[] = [];
  for (const axis of axes) {
    const size = shape[axis]!;
    const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const before = out.at(-1);
    if (size === 1) continue;
    if (before && before.step === step * size) out[out.length - 1] = { size: before.size * size, step };
    else out.push({ size, step });
  }
  return out;
}

/** Rows and columns transposed at a time, small enough for the L1 cache. */
const BLOCK = 16;

interface Plane {
  readonly rows: number;
  readonly columns: number;
  /** Distances between rows and between columns in the source, and between rows in the target, whose columns are dense. */
  readonly fromRow: number;
  readonly fromColumn: number;
  readonly toRow: number;
}

function copyPlane(data: Float32Array, source: number, out: Float32Array, target: number, plane: Plane): void {
  const { rows, columns, fromRow, fromColumn, toRow } = plane;
  for (let r0 = 0; r0 < rows; r0 += BLOCK) {
    const rEnd = Math.min(rows, r0 + BLOCK);
    for (let c0 = 0; c0 < columns; c0 += BLOCK) {
      const cEnd = Math.min(columns, c0 + BLOCK);
      for (let c = c0; c < cEnd; c++) {
        let from = source + r0 * fromRow + c * fromColumn;
        let to = target + r0 * toRow + c;
        for (let r = r0; r < rEnd; r++, from += fromRow, to += toRow) out[to] = data[from]!;
      }
    }
  }
}

/** Copies row-major `data` of `shape` so that axis i of the result is axis `axes[i]` of the source. */
export function permute(data: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const out = new Float32Array(data.length);
  const one: Axis = { size: 1, step: 0 };
  const found = [one, one, ...axesOf(shape, axes)].slice(-Math.max(2, axesOf(shape, axes).length));
  const targets = found.map((_, i) => found.slice(i + 1).reduce((product, { size }) => product * size, 1));
  const last = found.length - 1;
  // The axis along which the source is dense is copied in blocks with the last axis, along which the result is dense.
  const dense = Math.max(
    0,
    found.slice(0, last).findIndex(({ step }) => step === 1),
  );
  const [rows, columns] = [found[dense]!, found[last]!];
  const plane: Plane = { rows: rows.size, columns: columns.size, fromRow: rows.step, fromColumn: columns.step, toRow: targets[dense]! }; // prettier-ignore
  const outer = found.map((axis, i) => ({ ...axis, target: targets[i]! })).filter((_, i) => i !== dense && i !== last);
  const descend = (depth: number, source: number, target: number): void => {
    const axis = outer[depth];
    if (!axis) return copyPlane(data, source, out, target, plane);
    for (let i = 0; i < axis.size; i++) descend(depth + 1, source + i * axis.step, target + i * axis.target);
  };
  descend(0, 0, 0);
  return out;
}

/** The inverse permutation of `axes`. */
export function inverse(axes: readonly number[]): number[] {
  const out = new Array<number>(axes.length);
  axes.forEach((axis, i) => (out[axis] = i));
  return out;
}
