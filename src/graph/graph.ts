/** Numbers of a weight, row-major. */
export interface Weights {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Zeros around height and width: padding of a convolution or pooling, or, if negative, the crop of a transposed convolution. */
export interface Sides {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Activations that the graph of operations knows. */
export type ActivationKind = 'relu' | 'sigmoid' | 'tanh' | 'softplus' | 'silu';

/** The operation of a node. Maps are [N, H, W, C], kernels [h, w, C/groups, F], as in tfjs. */
export type Operation =
  | {
      readonly kind: 'conv';
      readonly kernel: Weights;
      readonly bias?: Float32Array;
      readonly strides: number;
      readonly pads: Sides;
      readonly dilation: number;
      readonly groups: number;
      readonly activation?: ActivationKind;
    }
  | {
      /** A transposed convolution that doubles height and width; `kernel` is [k, k, F/groups, C], `crop` is removed from the full result. */
      readonly kind: 'deconv';
      readonly kernel: Weights;
      readonly bias?: Float32Array;
      readonly crop: Sides;
      readonly groups: number;
      readonly activation?: ActivationKind;
    }
  | {
      readonly kind: 'affine';
      readonly scale: Float32Array;
      readonly offset: Float32Array;
      readonly activation?: ActivationKind;
    }
  | { readonly kind: 'layerNorm'; readonly gamma: Float32Array; readonly beta: Float32Array; readonly epsilon: number }
  | { readonly kind: 'activation'; readonly activation: ActivationKind }
  | { readonly kind: 'softmax' }
  | { readonly kind: 'reshape' }
  /** Σₚ a[n, p, c] · b[n, p, d] → [n, c, d]. */
  | { readonly kind: 'dot' }
  /** Softmax over all pixels of the second input's one channel, then the weighted mean of the first: [N, 1, 1, C]. */
  | { readonly kind: 'attentionPool' }
  | { readonly kind: 'add'; readonly activation?: ActivationKind }
  | { readonly kind: 'multiply' }
  | { readonly kind: 'maxPool'; readonly size: number; readonly strides: number; readonly pads: Sides }
  /** The maximum of each 2×2 window that starts at these rows and columns. */
  | { readonly kind: 'poolWindows'; readonly rows: readonly number[]; readonly columns: readonly number[] }
  | { readonly kind: 'averagePool'; readonly size: number; readonly strides: number; readonly pads: Sides }
  | { readonly kind: 'globalAveragePool' }
  | { readonly kind: 'pad'; readonly pads: Sides }
  | { readonly kind: 'crop'; readonly pads: Sides }
  /** `order[i]` is the axis (without the batch) that becomes axis i. */
  | { readonly kind: 'permute'; readonly order: readonly number[] }
  | { readonly kind: 'upsample'; readonly size: number }
  /** Bilinear resizing to the node's height and width. */
  | { readonly kind: 'resize'; readonly mode: 'legacy' | 'alignCorners' | 'halfPixel' }
  /** Logits [H, W, K·depth] → [K, 2 or 3]: the expected index under their softmax, divided by the size, minus ½. */
  | { readonly kind: 'integral'; readonly depth: number }
  /** Depth-to-space: four maps, the sub-pixels of a map of twice the height and width, row by row. */
  | { readonly kind: 'interleave' }
  | { readonly kind: 'concat' }
  | { readonly kind: 'channels'; readonly from: number; readonly count: number }
  | { readonly kind: 'shuffle'; readonly groups: number }
  | {
      /** Heatmaps [H, W, K] → [K, 3]: x, y in pixels of the input, and the score. Soft-argmax where β is given, otherwise argmax. */
      readonly kind: 'decode';
      readonly beta: number | null;
      readonly quarterOffset: boolean;
      /** Taps of the blur, where the maximum is refined as by UDP's DARK. */
      readonly darkUdp?: number;
      readonly stride: readonly [x: number, y: number];
    };

/** The operation of one kind. */
export type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

/** One tensor of the graph, named after the layer that outputs it. */
export interface Node<Op extends Operation = Operation> {
  readonly name: string;
  readonly inputs: readonly string[];
  /** Shape without the batch. */
  readonly shape: readonly number[];
  readonly op: Op;
}

/** A network as data, the input of converters, folding and the compiled runtime. Nodes are in order of computation. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
}

export const NO_SIDES: Sides = { top: 0, left: 0, bottom: 0, right: 0 };

/** The same zeros on every side. */
export const evenSides = (each: number): Sides => ({ top: each, left: each, bottom: each, right: each });

/** The number of nodes (and graph outputs) that read each name. */
export function readers({ nodes, outputs }: Graph): Map<string, number> {
  const count = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs])
    count.set(name, (count.get(name) ?? 0) + 1);
  return count;
}

/** The graph without nodes that no output needs. */
export function withoutUnread(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const kept = [...graph.nodes].reverse().filter((node) => {
    if (!needed.has(node.name)) return false;
    node.inputs.forEach((input) => needed.add(input));
    return true;
  });
  return { ...graph, nodes: kept.reverse() };
}
