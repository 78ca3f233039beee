import { shown, shownNames } from '../../bytes';
import { isModel, isSequential, type Fail, type TfjsLayer, type TfjsModel } from './tfjs-model';

/** Maximum uses of layers, counting the layers of nested models at each use of these. HRNet-W48 has 1,048, a PyraNet of eight stacks 2,637. */
const MOST_USES = 4000;
/** Maximum attempts at resolving the inputs of uses; layers may be in any order, which tfjs also accepts. */
const MOST_LOOKS = 2_000_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Layer, use and output index; further fields of tfjs are ignored. */
type Reference = readonly [layer: string, use: number, output: number];
const isReference = (value: unknown): value is Reference =>
  Array.isArray(value) &&
  typeof value[0] === 'string' &&
  Number.isSafeInteger(value[1]) && value[1] >= 0 &&
  Number.isSafeInteger(value[2]) && value[2] >= 0; // prettier-ignore
const isReferences = (value: unknown): value is Reference[] =>
  Array.isArray(value) && value.length > 0 && value.every(isReference);

interface Known {
  /** Number of uses so far; input layers and models count as used once. */
  uses: number;
  readonly outputs: number;
}

/**
 * @internal Checks that every use of every layer of a model follows from earlier ones. tfjs-layers processes uses until none is left, and waits forever for an input
 * that never appears.
 *
 * @param kind the model's class
 * @returns the number of uses of layers, counting those of nested models at each use of these
 * @throws through `fail`.
 */
export function checkConnections(kind: string, model: unknown, fail: Fail): number {
  if (!isObject(model) || !Array.isArray(model['layers']) || model['layers'].length === 0)
    return fail(`a model must have layers. Received: ${shown(isObject(model) ? model['layers'] : model)}.`);
  const layers = model['layers'] as unknown[];
  let total = 0;
  const inner = new Map<string, number>();
  for (const layer of layers) {
    checkLayer(layer, isSequential(kind), fail);
    if (!isModel(layer.class_name)) continue;
    inner.set(layer.name, checkConnections(layer.class_name, layer.config, fail));
  }
  const spend = (layer: TfjsLayer): void => {
    total += inner.get(layer.name) ?? 1;
    if (total > MOST_USES)
      fail(`layers must be used at most ${MOST_USES} times in all. Received: more, with those of models in models.`);
  };
  if (isSequential(kind)) {
    for (const layer of layers) spend(layer as TfjsLayer);
    return total;
  }
  follow(model as unknown as TfjsModel, spend, fail);
  return total;
}

function checkLayer(layer: unknown, inSequence: boolean, fail: Fail): asserts layer is TfjsLayer {
  const fine =
    isObject(layer) &&
    typeof layer['class_name'] === 'string' &&
    isObject(layer['config']) &&
    (inSequence || (typeof layer['name'] === 'string' && Array.isArray(layer['inbound_nodes'])));
  if (!fine) fail(`layers must have a class, a name, a configuration and their inputs. Received: ${shown(layer)}.`);
  const { name, config } = layer as unknown as TfjsLayer;
  if (!inSequence && config['name'] !== undefined && config['name'] !== name)
    fail(`${shownNames([name])} must have its name in its configuration, too. Received: ${shown(config['name'])}.`);
}

function follow(
  { layers, input_layers, output_layers }: TfjsModel,
  spend: (layer: TfjsLayer) => void,
  fail: Fail,
): void {
  const known = new Map<string, Known>();
  for (const { name, class_name: kind, config } of layers) {
    if (known.has(name)) fail(`names of layers must differ. Received: ${shownNames([name])} twice.`);
    const ends = isModel(kind) && !isSequential(kind) ? (config['output_layers'] as unknown[]) : [0];
    known.set(name, { uses: isModel(kind) || kind === 'InputLayer' ? 1 : 0, outputs: ends.length });
  }
  const has = ([layer, use, output]: Reference): boolean => {
    const found = known.get(layer);
    return found !== undefined && use < found.uses && output < found.outputs;
  };
  let looks = 0;
  let waiting = layers.flatMap((layer) => layer.inbound_nodes.map((node) => [layer, node] as const));
  while (waiting.length > 0) {
    if (waiting.length > MOST_USES) fail(`layers must be used at most ${MOST_USES} times in all. Received: ${waiting.length} uses.`); // prettier-ignore
    looks += waiting.reduce((sum, [, node]) => sum + (Array.isArray(node) ? node.length : 1), 0);
    if (looks > MOST_LOOKS)
      fail(`layers must come after those that they take. Received: ${layers.length} in an order that takes too long to follow.`); // prettier-ignore
    const later = waiting.filter(([layer, node]) => {
      if (!isReferences(node))
        return fail(`the inputs of ${shownNames([layer.name])} must be a list of tensors. Received: ${shown(node)}.`);
      if (!node.every(has)) return true;
      known.get(layer.name)!.uses++;
      spend(layer);
      return false;
    });
    if (later.length === waiting.length)
      fail(`layers must follow from the inputs. Received: ${shownNames(new Set(later.map(([{ name }]) => name)))}, which do not.`); // prettier-ignore
    waiting = later;
  }
  for (const [what, ends] of [['inputs', input_layers], ['outputs', output_layers]] as const) {
    if (!isReferences(ends) || !ends.every(has))
      fail(`the ${what} must be a list of tensors of the model. Received: ${shown(ends)}.`);
  } // prettier-ignore
}
