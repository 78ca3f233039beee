import { serialization } from '@tensorflow/tfjs-core';
import { shown, shownNames, type Dataset } from '../../bytes';

/** A layer in the JSON that tfjs-layers reads. */
export interface TfjsLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly unknown[];
}
export interface TfjsModel {
  readonly layers: readonly TfjsLayer[];
  readonly output_layers: readonly unknown[];
}

type Shape = readonly (number | null)[];
type Fail = (what: string) => never;

/** What a layer without its weights can say. */
interface Shaped {
  computeOutputShape(input: Shape | Shape[]): (number | null)[] | (number | null)[][];
}

const camel = (key: string): string => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const camelKeys = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(camelKeys)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [camel(key), camelKeys(each)]))
      : value;

const pair = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value, value]);

/** The shape that a layer of this class makes its first weight, of an input with so many channels. */
const KERNELS: Readonly<Record<string, (config: Readonly<Record<string, unknown>>, channels: number) => unknown[]>> = {
  Conv2D: (config, channels) => [...pair(config['kernel_size']), channels, config['filters']],
  Conv2DTranspose: (config, channels) => [...pair(config['kernel_size']), config['filters'], channels],
  DepthwiseConv2D: (config, channels) => [...pair(config['kernel_size']), channels, config['depth_multiplier'] ?? 1],
  'PoseBlocks>GroupedConv2D': (config, channels) => [...pair(config['kernel_size']), channels / Number(config['groups']), config['filters']], // prettier-ignore
  Dense: (config, channels) => [channels, config['units']],
  BatchNormalization: (_, channels) => [channels],
  LayerNormalization: (_, channels) => [channels],
};

/**
 * Follows the shapes through a model before anything of it is built, and compares what each layer's weights would be with those in the file: tfjs allocates weights
 * as the configuration says, which may say anything.
 *
 * @param first a layer's first weight in the file, by the layer's name
 * @throws RangeError by `fail`.
 */
export function checkShapes(model: TfjsModel, first: ReadonlyMap<string, Dataset>, fail: Fail): Shape {
  const known = new Map<string, Shape>();
  let waiting = [...model.layers];
  while (waiting.length > 0) {
    const later = waiting.filter((layer) => !follow(layer, known, first, fail));
    if (later.length === waiting.length)
      fail(`layers must follow from the inputs. Received: ${shownNames(later.map(({ name }) => name))}, which do not.`);
    waiting = later;
  }
  const [[output] = []] = model.output_layers as [[string]?];
  return known.get(`${output}`) ?? [];
}

/** The shape of a layer's output, once those of its inputs are known; false before. Later uses of a layer have the same channels, or tfjs refuses them. */
function follow(layer: TfjsLayer, known: Map<string, Shape>, first: ReadonlyMap<string, Dataset>, fail: Fail): boolean {
  const { class_name: kind, name, config, inbound_nodes: nodes } = layer;
  const called = shownNames([name]);
  const sized = (shape: unknown): Shape =>
    Array.isArray(shape) &&
    shape.every((side) => side === null || (Number.isSafeInteger(side) && (side as number) >= 0))
      ? (shape as Shape)
      : fail(`the shape of ${called} must be whole numbers. Received: ${shown(shape)}.`);
  if (kind === 'InputLayer') {
    known.set(name, sized(config['batch_input_shape']));
    return true;
  }
  const inputs = (Array.isArray(nodes[0]) ? (nodes[0] as unknown[]) : []).map((node) => known.get(`${(node as [string])[0]}`)); // prettier-ignore
  if (inputs.includes(undefined)) return false;
  const shapes = inputs as Shape[];
  if (kind === 'Model') {
    known.set(name, checkShapes(config as unknown as TfjsModel, first, fail));
    return true;
  }
  const weight = first.get(name);
  const channels = shapes[0]?.at(-1);
  if (weight && KERNELS[kind] && typeof channels === 'number') {
    const expected = KERNELS[kind](config, channels);
    if (expected.length !== weight.shape.length || expected.some((side, i) => side !== weight.shape[i]))
      fail(`the first weight of ${called} must have shape ${shown(expected)}, as its configuration says. Received: ${shown(weight.shape)}.`); // prettier-ignore
  }
  const made = layerOf(kind, config);
  const output = made?.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes) ?? shapes[0] ?? [];
  known.set(name, sized(Array.isArray(output[0]) ? output[0] : output));
  return true;
}

function layerOf(kind: string, config: Readonly<Record<string, unknown>>): Shaped | undefined {
  const entry = serialization.SerializationMap.getMap().classNameMap[kind];
  if (!entry) return undefined;
  const [type, fromConfig] = entry;
  return fromConfig(type, camelKeys(config) as serialization.ConfigDict) as unknown as Shaped;
}
