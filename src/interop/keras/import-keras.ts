import { tensor, tidy } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { readHdf5, readZip, type Dataset } from '../../bytes';
import { walk } from '../../graph';
import { importLayer } from './import-layer';
import { WEIGHT_ORDER, weightGroups, type KerasLayer } from './keras-config';

const WHERE = 'importKeras';
const fail = (what: string, cause?: unknown): never => {
  throw new RangeError(`${WHERE}: ${what}`, { cause });
};

type Reference = [layer: string, node: number, output: number];
interface Model {
  readonly class_name: string;
  readonly config: {
    readonly name: string;
    readonly layers: readonly KerasLayer[];
    readonly input_layers?: unknown;
    readonly output_layers?: unknown;
  };
}
interface Weight {
  readonly name: string;
  readonly value: Dataset;
}

const isModel = (layer: { class_name: string }): boolean =>
  ['Functional', 'Model', 'Sequential'].includes(layer.class_name);

/** `['image', 0, 0]`, or a list of such. */
function references(name: string, value: unknown): Reference[] {
  const list = Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
  const isReference = (each: unknown): boolean => Array.isArray(each) && typeof each[0] === 'string';
  if (!Array.isArray(list) || !list.every(isReference)) {
    return fail(`inputs and outputs of ${name} must be a list of tensors. Received: ${JSON.stringify(value)}.`);
  }
  return list as Reference[];
}

const historyOf = (value: unknown): Reference | null =>
  (value as { class_name?: string } | null)?.class_name === '__keras_tensor__'
    ? (value as { config: { keras_history: Reference } }).config.keras_history
    : null;

/** Shifts references to models within a model: tfjs counts a model's own inputs as its first use. */
const shifted =
  (models: ReadonlySet<string>) =>
  ([layer, node, output]: Reference): Reference => [layer, models.has(layer) ? node + 1 : node, output];

/** The tensors of one use of a layer, which must be its first argument; others may only be left at what they are. */
function inbound({ name, inbound_nodes: nodes }: KerasLayer, shift: (tensor: Reference) => Reference): unknown[] {
  return nodes.map(({ args, kwargs }) => {
    const [first, ...rest] = args;
    const tensors = [first].flat().map(historyOf);
    const others = [...rest, ...Object.values(kwargs)].some((value) => [value].flat().some((each) => historyOf(each)));
    if (tensors.includes(null) || others) {
      return fail(`${name} must take its tensors as one argument. Received: ${JSON.stringify(args).slice(0, 200)}.`);
    }
    return tensors.map((tensor) => [...shift(tensor!), {}]);
  });
}

/** A model in the JSON that tfjs-layers reads, and its weights in order. */
function convert(
  { class_name: kind, config }: Model,
  values: ReadonlyMap<string, Dataset>,
  prefix: string,
): { config: object; weights: Weight[] } {
  const groups = weightGroups(config.layers.map(({ class_name }) => class_name), prefix); // prettier-ignore
  const shift = shifted(new Set(config.layers.filter(isModel).map(nameOf)));
  const weights: Weight[] = [];
  const layers = config.layers.map((layer, i) => {
    const name = nameOf(layer);
    const before: Reference[] = i === 0 ? [] : [shift([nameOf(config.layers[i - 1]!), 0, 0])];
    const nodes = kind === 'Sequential' ? before.map((tensor) => [[...tensor, {}]]) : inbound(layer, shift);
    if (isModel(layer)) {
      const inner = convert(layer as unknown as Model, values, `${groups[i]!}/`);
      weights.push(...inner.weights);
      return { class_name: 'Model', name, config: inner.config, inbound_nodes: nodes };
    }
    const converted = importLayer(name, layer);
    const order = WEIGHT_ORDER[layer.class_name] ?? [];
    order
      .filter((weight) => converted.absent?.includes(weight) !== true)
      .forEach((weight, j) => {
        const value = values.get(`${groups[i]!}/vars/${j}`) ?? fail(`the weights of ${name} must be in the file. Received: none of ${groups[i]!}/vars/${j}.`); // prettier-ignore
        weights.push({ name: `${name}/${weight}`, value });
      });
    return { class_name: converted.kind, name, config: { ...converted.config, name }, inbound_nodes: nodes };
  });
  const first = config.layers[0];
  const last = config.layers.at(-1);
  if (!first || !last) fail(`${config.name} must have layers. Received: none.`);
  if (kind === 'Sequential' && first!.class_name !== 'InputLayer') {
    fail(`${config.name} must know its input. Received: a Sequential that was never built. Add keras.Input to it.`);
  }
  const ends = (given: unknown, own: KerasLayer): Reference[] =>
    (kind === 'Sequential' ? [[nameOf(own), 0, 0] satisfies Reference] : references(config.name, given)).map(shift);
  return {
    config: {
      name: config.name,
      layers,
      input_layers: ends(config.input_layers, first!),
      output_layers: ends(config.output_layers, last!),
    },
    weights,
  };
}

const nameOf = (layer: KerasLayer): string => layer.name ?? (layer.config['name'] as string);

/**
 * Opens a `.keras` file of Keras 3, functional or Sequential, as a tfjs network with its weights. Only layers that compute the same in both are taken; for
 * convolutions in groups call `registerLayers()` first. Optimizers and compiled losses are left behind.
 *
 * @throws RangeError that names the layer or option that tfjs has not, a weight of another shape than its layer's, or when the file is cut short or none.
 * @example const network = await importKeras(await readFile('model.keras'))
 */
export async function importKeras(bytes: Uint8Array): Promise<LayersModel> {
  const files = readZip(bytes, WHERE);
  const config = files.get('config.json');
  const h5 = files.get('model.weights.h5');
  if (!config || !h5) {
    return fail(
      `the archive must hold config.json and model.weights.h5. Received: ${[...files.keys()].slice(0, 5).join(', ')}.`,
    );
  }
  let model: Model;
  try {
    model = JSON.parse(new TextDecoder().decode(config)) as Model;
  } catch (cause) {
    return fail(`config.json must be JSON. Received: ${(cause as Error).message}.`, cause);
  }
  if (!isModel(model) || !Array.isArray(model.config?.layers)) {
    return fail(`the model must be functional or Sequential. Received: ${model.class_name}.`);
  }
  const { config: topology, weights } = convert(model, readHdf5(h5, WHERE), '');
  const modelTopology = { class_name: 'Model', config: topology, keras_version: '2.15.0', backend: 'tensorflow' };
  const network = await loadLayersModel({ load: async () => ({ modelTopology }) });
  try {
    assign(network, weights);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network;
}

function assign(network: LayersModel, weights: readonly Weight[]): void {
  const shapes = new Map(weights.map(({ name, value }) => [name, value.shape]));
  for (const { path, name, shape } of walk(network).nodes.flatMap((node) => node.weights)) {
    const given = shapes.get(`${path}/${name}`);
    if (given && given.join() !== shape.join()) {
      fail(`${name} of ${path} must have shape [${shape.join(', ')}]. Received: [${given.join(', ')}].`);
    }
  }
  tidy(() =>
    network.loadWeights(
      Object.fromEntries(weights.map(({ name, value }) => [name, tensor(value.data, [...value.shape])])),
    ),
  );
}
