import { writeHdf5, writeZip } from '../../bytes';
import { fixedShape, networkIn, walk, type LayerNode } from '../../graph';
import { apart, poseMetadata, type ExportSource } from '../pose-metadata';
import { CONVERTERS, fail, type Config, type Converted, type Values } from './export-layer';
import { KERAS_RECORDS } from './keras-metadata';
import { kerasName, markedName } from './keras-names';
import { kerasTensor, weightGroups, type KerasLayer, type KerasTensor } from './keras-config';

async function valuesOf({ weights }: LayerNode): Promise<Values> {
  const read = weights.map(async (weight) => [
    weight.name,
    { shape: weight.shape, data: new Float32Array(await weight.read().data()) },
  ]);
  return Object.fromEntries(await Promise.all(read)) as Values;
}

interface Draft extends Converted {
  readonly name: string;
  readonly nodes: KerasLayer['inbound_nodes'][number][];
}

/** The names of the Keras layers of one layer: the one with the weights has the layer's name, the others a suffix. */
function namesOf(name: string, parts: readonly Converted[], free: (name: string) => string): string[] {
  const main = parts.length === 1 ? 0 : parts.findIndex(({ weights = [] }) => weights.length > 0);
  return parts.map((_, i) => (i === main ? name : free(`${name}.${i < main ? 'before' : 'after'}`)));
}

/**
 * Exports a network as a `.keras` file, which `keras.saving.load_model` of Keras 3 opens on JAX, TensorFlow and PyTorch, with weights and statistics. For a pose model, the
 * file also has the records, so that `loadPoseModel` can open it. Layers that Keras lacks become
 * equivalent ones: grouped convolutions with separate padding, grouped transposed convolutions with zeros between the groups.
 * Training differs in one respect: Keras updates moving variances differently from PyTorch, see `batchNorm`.
 *
 * PyTorch's backend rejects dots in names, so layers are called `layer1--0--conv1` there; `importKeras` restores `layer1.0.conv1`, also after Keras has trained and saved the model.
 *
 * @param source a pose model, or a network
 * @throws RangeError naming the layer without an equivalent in Keras, and the fix.
 * @example await writeFile('lpn-50.keras', await exportKeras(model))
 */
export async function exportKeras(source: ExportSource): Promise<Uint8Array> {
  networkIn('exportKeras', source);
  const { network, parts } = apart(source);
  const graph = walk(network);
  const drafts = new Map<unknown, Draft[]>();
  /** The Keras tensor that corresponds to a tensor of ours. */
  const made = new Map<string, object>();
  const history = new Map<string, KerasTensor>();
  const all: Draft[] = [];
  const names = new Set(graph.nodes.map(({ name }) => name));
  const free = (name: string): string => {
    if (names.has(name)) return free(`${name}_`);
    names.add(name);
    return name;
  };

  for (const node of graph.nodes) {
    const { name, kind, layer, outputShapes } = node;
    const config = layer.getConfig() as Config;
    let own = drafts.get(layer);
    if (!own) {
      const converter = CONVERTERS[kind];
      const input: Converted = {
        kind: 'InputLayer',
        config: { batch_shape: [null, ...outputShapes[0]!], dtype: 'float32' },
      };
      if (kind !== 'InputLayer' && !converter) {
        fail(
          name,
          `layers of class ${kind} have no equivalent in Keras. Replace it by ${Object.keys(CONVERTERS).join(', ')}.`,
        );
      }
      const converted = kind === 'InputLayer' ? input : converter!({ name, config, values: await valuesOf(node) });
      const list = [converted].flat();
      const called = namesOf(name, list, free).map(kerasName);
      own = list.map((each, i) => ({ ...each, name: called[i]!, nodes: [] }));
      drafts.set(layer, own);
      all.push(...own);
    }
    let inputs = node.inputs.map((input) => made.get(input)!);
    for (const [i, draft] of own.entries()) {
      const isLast = i === own.length - 1;
      const to: KerasTensor = [draft.name, draft.nodes.length, 0];
      if (kind !== 'InputLayer') draft.nodes.push({ args: inputs.length === 1 ? inputs : [inputs], kwargs: {} });
      const shape = isLast ? outputShapes[0]! : between(node, draft);
      inputs = [kerasTensor(to, shape)];
      if (isLast) {
        made.set(name, inputs[0]!);
        history.set(name, to);
      }
    }
  }
  const layers = all.map(({ kind, name, config, nodes }) => ({
    module: 'keras.layers',
    class_name: kind,
    config: { name, ...(kind === 'InputLayer' ? {} : { trainable: true, dtype: 'float32' }), ...config },
    registered_name: null,
    name,
    inbound_nodes: nodes,
  }));
  const ends = (tensors: readonly string[]): unknown => tensors.map((tensor) => history.get(tensor)!);
  const model = {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: markedName(network.name),
      trainable: true,
      layers,
      input_layers: ends(graph.inputs),
      output_layers: ends(graph.outputs),
    },
    registered_name: 'Functional',
    compile_config: {},
  };
  const groups = weightGroups(all.map(({ kind }) => kind));
  const datasets = all.flatMap(({ weights = [] }, i) =>
    weights.map((value, j) => [`${groups[i]!}/vars/${j}`, value] as const),
  );
  const hasRecords = Object.values(parts).some((part) => part !== network && part !== undefined);
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return writeZip({
    'metadata.json': text({ keras_version: '3.0.0', date_saved: '1980-01-01@00:00:00' }),
    'config.json': text(model),
    ...(hasRecords && { [KERAS_RECORDS]: text(poseMetadata(parts)) }),
    'model.weights.h5': writeHdf5(Object.fromEntries(datasets)),
  });
}

/** The shape after the first of two layers that replace one. */
function between({ name, inputShapes }: LayerNode, { kind, config }: Draft): number[] {
  const [height, width, channels] = fixedShape(name, inputShapes[0]!) as [number, number, number];
  if (kind === 'ZeroPadding2D') {
    const [[pad]] = config['padding'] as [[number]];
    return [height + 2 * pad, width + 2 * pad, channels];
  }
  const size = config['kernel_size'] as number;
  return [2 * (height - 1) + size, 2 * (width - 1) + size, config['filters'] as number];
}
