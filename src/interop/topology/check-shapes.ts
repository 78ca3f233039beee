import { serialization } from '@tensorflow/tfjs-core';
import { shown, shownNames } from '../../bytes';
import { isModel, isSequential, type Fail, type TfjsLayer, type TfjsModel } from './tfjs-model';

type Shape = readonly (number | null)[];

/** The kinds of layers without weights whose shapes are followed. */
interface Shaped {
  computeOutputShape(input: Shape | Shape[]): (number | null)[] | (number | null)[][];
}

/** Converts tfjs-layers' JSON as it does itself: Python keys and texts to camel case, names unchanged. */
const camel = (text: string): string => text.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());
const camelCased = (value: unknown): unknown => {
  if (typeof value === 'string') return camel(value);
  if (Array.isArray(value)) return value.map(camelCased);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [camel(key), key === 'name' ? each : camelCased(each)])); // prettier-ignore
};

const pair = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value, value]);

type Config = Readonly<Record<string, unknown>>;
const transposed = (config: Config, channels: number): unknown[] => [
  ...pair(config['kernel_size']),
  Number(config['filters']) / Number(config['groups'] ?? 1),
  channels,
];

/** The shape of the first weight of a layer of this class, for a number of input channels. */
const KERNELS: Readonly<Record<string, (config: Config, channels: number) => unknown[]>> = {
  Conv2D: (config, channels) => [...pair(config['kernel_size']), channels, config['filters']],
  Conv2DTranspose: transposed,
  'PoseBlocks>GroupedConv2DTranspose': transposed,
  DepthwiseConv2D: (config, channels) => [...pair(config['kernel_size']), channels, config['depth_multiplier'] ?? 1],
  'PoseBlocks>GroupedConv2D': (config, channels) => [...pair(config['kernel_size']), channels / Number(config['groups']), config['filters']], // prettier-ignore
  Dense: (config, channels) => [channels, config['units']],
  BatchNormalization: (_, channels) => [channels],
  'PoseBlocks>BatchNormalization': (_, channels) => [channels],
  LayerNormalization: (_, channels) => [channels],
};

/** @internal Receives, for each layer with weights, the shape of its first weight according to its configuration. */
export type CheckWeight = (name: string, shape: readonly unknown[], fail: Fail) => void;

/**
 * @internal Follows the shapes through a model before building it, and reports the expected shape of each layer's first weight. tfjs allocates weights
 * as the configuration says, and the configuration may say anything. {@link checkConnections} must have checked the connections.
 *
 * @throws RangeError through `fail`.
 */
export function checkShapes(kind: string, model: TfjsModel, weight: CheckWeight, fail: Fail, first?: Shape): Shape {
  const known = new Map<string, Shape>();
  if (isSequential(kind)) {
    let shape = first;
    for (const layer of model.layers) shape = outputOf(layer, shape === undefined ? [] : [shape], weight, fail);
    return shape ?? [];
  }
  let waiting = [...model.layers];
  while (waiting.length > 0) {
    const later = waiting.filter((layer) => {
      const [node] = layer.inbound_nodes as [string][][];
      if (node === undefined && layer.class_name !== 'InputLayer') return false; // never used, therefore never built
      const inputs = (node ?? []).map(([name]) => known.get(name));
      if (inputs.includes(undefined)) return true;
      known.set(layer.name, outputOf(layer, inputs as Shape[], weight, fail));
      return false;
    });
    if (later.length === waiting.length)
      fail(`layers must follow from the inputs. Received: ${shownNames(later.map(({ name }) => name))}, which do not.`);
    waiting = later;
  }
  const [[output] = []] = model.output_layers as [[string]?];
  return known.get(`${output}`) ?? [];
}

/** The shape of a layer's output at its first use. Later uses of a layer must have the same channels; tfjs checks this. */
function outputOf(layer: TfjsLayer, shapes: readonly Shape[], weight: CheckWeight, fail: Fail): Shape {
  const { class_name: kind, name, config } = layer;
  const called = shownNames([name ?? config['name']]);
  const sized = (shape: unknown): Shape =>
    Array.isArray(shape) &&
    shape.every((side) => side === null || (Number.isSafeInteger(side) && (side as number) >= 0))
      ? (shape as Shape)
      : fail(`the shape of ${called} must be whole numbers. Received: ${shown(shape)}.`);
  if (kind === 'InputLayer') return sized(config['batch_input_shape']);
  if (isModel(kind)) return checkShapes(kind, config as unknown as TfjsModel, weight, fail, shapes[0]);
  // The first layer of a Sequential model states its own input shape.
  const inputs = shapes.length === 0 && config['batch_input_shape'] ? [sized(config['batch_input_shape'])] : shapes;
  const channels = inputs[0]?.at(-1);
  if (Object.hasOwn(KERNELS, kind) && typeof channels === 'number')
    weight(name, KERNELS[kind]!(config, channels), fail);
  const made = layerOf(kind, config);
  const output = made?.computeOutputShape(inputs.length === 1 ? inputs[0]! : [...inputs]) ?? inputs[0] ?? [];
  return sized(Array.isArray(output[0]) ? output[0] : output);
}

function layerOf(kind: string, config: Readonly<Record<string, unknown>>): Shaped | undefined {
  const entry = serialization.SerializationMap.getMap().classNameMap[kind];
  if (!entry) return undefined;
  const [type, fromConfig] = entry;
  return fromConfig(type, camelCased(config) as serialization.ConfigDict) as unknown as Shaped;
}
