import { tensor, tidy } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import {
  boundedText,
  parseJsonText,
  readHdf5,
  readZip,
  reasonOf,
  requireThat,
  shown,
  shownNames,
  type Dataset,
} from '../../bytes';
import { requireEngine } from '../../engines';
import { walk } from '../../graph';
import { checkConnections } from '../topology/check-connections';
import { checkShapes } from '../topology/check-shapes';
import type { TfjsModel } from '../topology/tfjs-model';
import { importLayer } from './import-layer';
import { recordsIn } from './keras-metadata';
import { ownName, unmarkedName } from './keras-names';
import { WEIGHT_ORDER, weightGroups, type KerasLayer } from './keras-config';

const WHERE = 'importKeras';
const fail = (what: string, cause?: unknown): never => {
  throw new RangeError(`${WHERE}: ${boundedText(what)}`, { cause });
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

const isReference = (each: unknown): each is Reference => Array.isArray(each) && typeof each[0] === 'string';

/** `['image', 0, 0]`, or a list of such references. */
function references(name: string, value: unknown): Reference[] {
  const list = Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
  if (!Array.isArray(list) || !list.every(isReference)) {
    return fail(`inputs and outputs of ${shownNames([name])} must be a list of tensors. Received: ${shown(value)}.`);
  }
  return list;
}

const historyOf = (value: unknown): unknown =>
  (value as { class_name?: string } | null)?.class_name === '__keras_tensor__'
    ? (value as { config?: { keras_history?: unknown } }).config?.keras_history
    : null;

/** Shifts references to models within a model: tfjs counts a model's own inputs as its first use. */
const shifted =
  (models: ReadonlySet<string>) =>
  ([layer, node, output]: Reference): Reference => [layer, models.has(layer) ? node + 1 : node, output];

/** The tensors of one use of a layer. They must be its first argument; other arguments may only have their defaults. */
function inbound({ name, inbound_nodes: nodes }: KerasLayer, shift: (tensor: Reference) => Reference): unknown[] {
  return (nodes ?? []).map((node) => {
    const { args, kwargs } = (node ?? {}) as Partial<KerasLayer['inbound_nodes'][number]>;
    const [first, ...rest] = Array.isArray(args) ? (args as unknown[]) : [];
    const tensors = [first].flat().map(historyOf);
    const others = [...rest, ...Object.values(kwargs ?? {})].some((value) =>
      [value].flat().some((each) => historyOf(each)),
    );
    if (!tensors.every(isReference) || others) {
      return fail(`${shownNames([name])} must take its tensors as one argument. Received: ${shown(args)}.`);
    }
    return tensors.map((tensor) => [...shift(tensor), {}]);
  });
}

/** A model in the JSON form that tfjs-layers reads, and its weights in order. */
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
        const value = values.get(`${groups[i]!}/vars/${j}`) ?? fail(`the weights of ${shownNames([name])} must be in the file. Received: none of ${groups[i]!}/vars/${j}.`); // prettier-ignore
        weights.push({ name: `${name}/${weight}`, value });
      });
    return { class_name: converted.kind, name, config: { ...converted.config, name }, inbound_nodes: nodes };
  });
  const first = config.layers[0];
  const last = config.layers.at(-1);
  if (!first || !last) fail(`${shownNames([config.name])} must have layers. Received: none.`);
  if (kind === 'Sequential' && first!.class_name !== 'InputLayer') {
    fail(
      `${shownNames([config.name])} must know its input. Received: a Sequential that was never built. Add keras.Input to it.`,
    );
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

/** The same model with the original names of `exportKeras`, in layers and in references to them. */
function withOwnNames(model: Model): Model {
  const name = unmarkedName(model.config.name);
  if (name === null) return model;
  const own = (reference: unknown): unknown =>
    isReference(reference) ? [ownName(reference[0]), ...(reference as unknown[]).slice(1)] : Array.isArray(reference) ? reference.map(own) : reference; // prettier-ignore
  const tensors = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(tensors);
    const history = historyOf(value);
    return history ? { ...(value as object), config: { keras_history: own(history) } } : value;
  };
  const layers = model.config.layers.map((layer) => ({
    ...layer,
    name: ownName(nameOf(layer)),
    inbound_nodes: layer.inbound_nodes?.map((node) => ({ ...node, args: tensors(node?.args) as unknown[] })),
  }));
  const { input_layers, output_layers } = model.config;
  return { ...model, config: { name, layers, input_layers: own(input_layers), output_layers: own(output_layers) } };
}

/**
 * Opens a functional or Sequential `.keras` file of Keras 3 as a tfjs network with its weights. Only layers that compute the same in both are supported; for
 * grouped convolutions call `registerLayers()` first. Optimizers and compiled losses are ignored. Files of `exportKeras` get their original names back,
 * also after Keras has saved them; the records of a pose model ({@link kerasMetadata}) are in the network's `getUserDefinedMetadata()`.
 *
 * @param bytes of the `.keras` file
 * @throws RangeError naming the layer or option that tfjs lacks, or a weight whose shape differs from its layer's, or when the file is truncated or not a `.keras` file.
 * @example const network = await importKeras(await readFile('model.keras'))
 */
export async function importKeras(bytes: Uint8Array): Promise<LayersModel> {
  requireThat(bytes instanceof Uint8Array, WHERE, 'bytes must be those of a .keras file, a Uint8Array', bytes, 'In Node: await readFile(path).'); // prettier-ignore
  const files = readZip(bytes, WHERE);
  const config = files.get('config.json');
  const h5 = files.get('model.weights.h5');
  if (!config || !h5) {
    return fail(`the archive must hold config.json and model.weights.h5. Received: ${shownNames(files.keys())}.`);
  }
  let model: Model;
  try {
    model = parseJsonText(config, 'config.json') as Model;
  } catch (cause) {
    return fail((cause as Error).message, cause);
  }
  const values = readHdf5(h5, WHERE);
  const records = recordsIn(files, WHERE);
  requireEngine(WHERE);
  const { network, weights } = await built(model, values);
  try {
    assign(network, weights);
  } catch (error) {
    network.dispose();
    throw error;
  }
  if (Object.keys(records).length > 0) network.setUserDefinedMetadata(records);
  return network;
}

/** Builds the network of the configuration, without its weights. Errors in the file become errors of this library. */
async function built(
  model: Model,
  values: ReadonlyMap<string, Dataset>,
): Promise<{ network: LayersModel; weights: readonly Weight[] }> {
  let count = 0;
  try {
    checkModel(model);
    count = model.config.layers.length;
    const { config: topology, weights } = convert(withOwnNames(model), values, '');
    const first = new Map<string, Dataset>();
    for (const { name, value } of weights) {
      const layer = name.slice(0, name.lastIndexOf('/'));
      if (!first.has(layer)) first.set(layer, value);
    }
    checkConnections('Model', topology, fail);
    const weight = (name: string, shape: readonly unknown[]): void => {
      const given = first.get(name);
      if (!given || (shape.length === given.shape.length && shape.every((side, i) => side === given.shape[i]))) return;
      fail(`the first weight of ${shownNames([name])} must have shape ${shown(shape)}, as its configuration says. Received: ${shown(given.shape)}.`); // prettier-ignore
    };
    checkShapes('Model', topology as TfjsModel, weight, fail);
    const modelTopology = { class_name: 'Model', config: topology, keras_version: '2.15.0', backend: 'tensorflow' };
    return { network: await loadLayersModel({ load: async () => ({ modelTopology }) }), weights };
  } catch (cause) {
    const { message } = cause as Error;
    if (message.startsWith(WHERE)) throw cause;
    return /call stack/.test(message)
      ? fail(`the layers must be as many as tfjs can build one on another. Received: ${count}.`, cause)
      : fail(
          `the configuration must be one of Keras 3. Received: ${reasonOf(cause, 'one that no layer takes')}.`,
          cause,
        );
  }
}

/** The parts of a functional model that are checked before its layers. */
function checkModel(model: Model): void {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(model) || !isModel(model) || !Array.isArray(model.config?.layers))
    return fail(`the model must be functional or Sequential. Received: ${shownNames([(model as Partial<Model> | null)?.class_name])}.`); // prettier-ignore
  for (const layer of model.config.layers) {
    const fine =
      isObject(layer) &&
      typeof layer.class_name === 'string' &&
      isObject(layer.config) &&
      typeof nameOf(layer) === 'string' &&
      (model.class_name === 'Sequential' || layer.inbound_nodes === undefined || Array.isArray(layer.inbound_nodes));
    if (!fine) fail(`layers must have a class, a name, a configuration and their inputs. Received: ${shown(layer)}.`);
    if (isModel(layer)) checkModel(layer as unknown as Model);
  }
}

function assign(network: LayersModel, weights: readonly Weight[]): void {
  const shapes = new Map(weights.map(({ name, value }) => [name, value.shape]));
  const own = new Set<string>();
  for (const { path, name, shape } of walk(network).nodes.flatMap((node) => node.weights)) {
    own.add(`${path}/${name}`);
    const given = shapes.get(`${path}/${name}`);
    if (given && given.join() !== shape.join()) {
      fail(`${name} of ${shownNames([path])} must have shape [${shape.join(', ')}]. Received: [${given.join(', ')}].`);
    }
  }
  const surplus = weights.find(({ name }) => !own.has(name));
  if (surplus) fail(`weights must be of layers that the outputs follow from. Received: ${shownNames([surplus.name])}.`);
  tidy(() =>
    network.loadWeights(
      Object.fromEntries(weights.map(({ name, value }) => [name, tensor(value.data, [...value.shape])])),
    ),
  );
}
