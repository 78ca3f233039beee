import type { Graph, GraphNode, Operation } from '../../src/graph';

/** A generator of whole numbers below `count`, the same for the same seed. */
function dice(seed: number): (count: number) => number {
  let state = seed + 1;
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

type Dice = ReturnType<typeof dice>;
type Made = { readonly name: string; readonly shape: readonly number[] };

const floats = (roll: Dice, count: number, low = -1): Float32Array =>
  Float32Array.from({ length: count }, () => low + ((1 - low) * roll(1 << 16)) / (1 << 16));
const pick = <T>(roll: Dice, from: readonly T[]): T => from[roll(from.length)]!;
const activation = (roll: Dice): { activation?: 'relu' | 'silu' | 'sigmoid' } => {
  const kind = pick(roll, [undefined, undefined, 'relu', 'relu', 'silu', 'sigmoid'] as const);
  return kind === undefined ? {} : { activation: kind };
};
const sizeAfter = (size: number, kernel: number, stride: number, pads: number, dilation = 1): number =>
  Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;

type Next = { readonly op: Operation; readonly inputs: readonly string[]; readonly shape: readonly number[] };

/** A convolution of the map, dense or depthwise, with any padding, stride and dilation. */
function convolution(roll: Dice, { name, shape: [h, w, c] }: Made): Next {
  const [height, width, channels] = [h!, w!, c!];
  const isDepthwise = roll(3) === 0;
  const filters = isDepthwise ? channels : pick(roll, [1, 3, 5, 8, 8, 16, 17]);
  const kernel = pick(roll, [1, 1, 3, 3, 2, 5]);
  const strides = pick(roll, [1, 1, 2]);
  const dilation = strides === 1 ? 1 + roll(2) : 1;
  const around = dilation * (kernel - 1);
  const pads = { top: around >> 1, left: (around + 1) >> 1, bottom: around - (around >> 1), right: around >> 1 };
  const depth = isDepthwise ? 1 : channels;
  const shape = [
    sizeAfter(height, kernel, strides, pads.top + pads.bottom, dilation),
    sizeAfter(width, kernel, strides, pads.left + pads.right, dilation),
    filters,
  ];
  const weights = { data: floats(roll, kernel * kernel * depth * filters), shape: [kernel, kernel, depth, filters] };
  const groups = isDepthwise ? channels : 1;
  const bias = roll(2) ? { bias: floats(roll, filters) } : {};
  return {
    op: { kind: 'conv', kernel: weights, ...bias, strides, pads, dilation, groups, ...activation(roll) },
    inputs: [name],
    shape,
  };
}

function deconvolution(roll: Dice, { name, shape: [h, w, c] }: Made): Next {
  const [height, width, channels] = [h!, w!, c!];
  const size = pick(roll, [2, 3, 4]);
  const groups = pick(
    roll,
    [1, channels, channels / 2].filter((each) => Number.isInteger(each)),
  );
  const outputs = groups === 1 ? 4 : 1;
  const [before, after] = [size === 2 ? 0 : 1, size === 4 ? 1 : 0]; // so that the map is just doubled
  const crop = { top: before, left: before, bottom: after, right: after };
  const kernel = { data: floats(roll, size * size * outputs * channels), shape: [size, size, outputs, channels] };
  return {
    op: { kind: 'deconv', kernel, bias: floats(roll, outputs * groups), crop, groups, ...activation(roll) },
    inputs: [name],
    shape: [2 * height, 2 * width, outputs * groups],
  };
}

/** Global Context in small: what it adds is a row. */
function pooledRow(roll: Dice, { name, shape }: Made, prefix: string): GraphNode[] {
  const channels = shape[2]!;
  const one = (filters: number, depth: number): Operation => ({
    kind: 'conv',
    kernel: { data: floats(roll, depth * filters), shape: [1, 1, depth, filters] },
    bias: floats(roll, filters),
    strides: 1,
    pads: { top: 0, left: 0, bottom: 0, right: 0 },
    dilation: 1,
    groups: 1,
  });
  const row = [1, 1, channels];
  return [
    { name: `${prefix}mask`, inputs: [name], shape: [shape[0]!, shape[1]!, 1], op: one(1, channels) },
    { name: `${prefix}context`, inputs: [name, `${prefix}mask`], shape: row, op: { kind: 'attentionPool' } },
    {
      name: `${prefix}norm`,
      inputs: [`${prefix}context`],
      shape: row,
      op: { kind: 'layerNorm', gamma: floats(roll, channels), beta: floats(roll, channels), epsilon: 1e-5 },
    },
    { name: `${prefix}row`, inputs: [`${prefix}norm`], shape: row, op: one(channels, channels) },
  ];
}

/** An operation on some of the maps, and what it makes. */
function operation(roll: Dice, maps: readonly Made[], name: string): GraphNode[] {
  const map = pick(roll, maps);
  const { shape } = map;
  const [height, width, channels] = shape as [number, number, number];
  const alike = maps.filter((other) => other.shape.join() === shape.join());
  const node = ({ op, inputs, shape }: Next): GraphNode[] => [{ name, op, inputs, shape }];
  const unary = (op: Operation, shape: readonly number[]): GraphNode[] => node({ op, inputs: [map.name], shape });
  switch (roll(17)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return node(convolution(roll, map));
    case 4:
      return height * width < 200 ? node(deconvolution(roll, map)) : [];
    case 5: {
      const [size, strides] = pick(roll, [[2, 2] as const, [3, 2] as const, [3, 1] as const]);
      const pads = { top: size === 3 ? 1 : 0, left: size === 3 ? 1 : 0, bottom: 0, right: 1 };
      const to = [sizeAfter(height, size, strides, pads.top), sizeAfter(width, size, strides, pads.left + 1), channels];
      return Math.min(...to) > 0 ? unary({ kind: 'maxPool', size, strides, pads }, to) : [];
    }
    case 6: {
      const rows = height * width > 1 && roll(2) ? pooledRow(roll, map, name) : [];
      const maps = Array.from({ length: 2 - Math.min(1, rows.length) + roll(3) }, () => pick(roll, alike).name);
      const inputs = [...maps, ...rows.slice(-1).map(({ name }) => name)];
      return [...rows, ...node({ op: { kind: 'add', ...activation(roll) }, inputs, shape })];
    }
    case 7: {
      // A convolution that only the sum reads.
      const first = convolution(roll, map);
      const inner: GraphNode = { name: `${name}inner`, inputs: first.inputs, shape: first.shape, op: first.op };
      const others = maps.filter((other) => other.shape.join() === inner.shape.join()).slice(0, 1);
      if (others.length === 0) return [];
      const inputs = [inner.name, ...others.map((other) => other.name)];
      return [inner, ...node({ op: { kind: 'add', ...activation(roll) }, inputs, shape: inner.shape })];
    }
    case 8: {
      const scale = floats(roll, channels);
      return unary({ kind: 'affine', scale, offset: floats(roll, channels), ...activation(roll) }, shape);
    }
    case 9: {
      const parts = maps.filter(({ shape: [h, w] }) => h === height && w === width).slice(0, 3);
      const total = parts.reduce((sum, part) => sum + part.shape[2]!, 0);
      return node({ op: { kind: 'concat' }, inputs: parts.map(({ name }) => name), shape: [height, width, total] });
    }
    case 10:
      if (height * width < 200) return unary({ kind: 'upsample', size: 2 }, [2 * height, 2 * width, channels]);
      return [
        { name: `${name}pooled`, inputs: [map.name], shape: [channels], op: { kind: 'globalAveragePool' } },
        ...node({ op: { kind: 'reshape' }, inputs: [`${name}pooled`], shape: [1, 1, channels] }),
      ];
    case 11:
      return channels % 2 === 0
        ? unary({ kind: 'shuffle', groups: 2 }, shape)
        : unary({ kind: 'channels', from: roll(channels), count: 1 }, [height, width, 1]);
    case 12: {
      if (alike.length > 1)
        return node({ op: { kind: 'multiply' }, inputs: alike.slice(0, 2).map(({ name }) => name), shape });
      const row = height * width > 1 ? pooledRow(roll, map, name) : [];
      const inputs = [row.at(-1)?.name ?? map.name, map.name];
      return [...row, ...node({ op: { kind: 'multiply' }, inputs, shape })];
    }
    case 13: {
      const mode = pick(roll, ['legacy', 'alignCorners', 'halfPixel'] as const);
      return unary({ kind: 'resize', mode }, [1 + roll(14), 1 + roll(12), channels]);
    }
    case 14: {
      if (channels % 2 !== 0) return [];
      const filters = pick(roll, [2, 4, 8]);
      const kernel = { data: floats(roll, 9 * (channels / 2) * filters), shape: [3, 3, channels / 2, filters] };
      const pads = { top: 1, left: 1, bottom: 1, right: 1 };
      const op = { kind: 'conv', kernel, strides: 1, pads, dilation: 1, groups: 2, ...activation(roll) } as const;
      return unary({ ...op, bias: floats(roll, filters) }, [height, width, filters]);
    }
    default:
      return unary({ kind: 'activation', activation: pick(roll, ['relu', 'tanh', 'softplus'] as const) }, shape);
  }
}

const isMap = ({ shape }: Made): boolean => shape.length === 3;

/** Fourteen nodes or a few more, of every operation that programs know and one that they do not, each on any maps before it. */
export function randomGraph(seed: number): Graph {
  const roll = dice(seed);
  const image: Made = { name: 'image', shape: [1 + roll(13), 1 + roll(11), pick(roll, [3, 4, 6])] };
  const nodes: GraphNode[] = [];
  for (let i = 0; nodes.length < 14; i++) nodes.push(...operation(roll, [image, ...nodes.filter(isMap)], `node${i}`));
  const outputs = [nodes.at(-1)!.name, pick(roll, nodes).name];
  return { name: `graph ${seed}`, inputs: [image], outputs: [...new Set(outputs)], nodes };
}
