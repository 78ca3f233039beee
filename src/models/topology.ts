import { engine, serialization, zeros, type DataType, type Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { computeAskedGradientsOf } from '../blocks';
import { Budget, shown, shownNames } from '../bytes';
import { registerLayers } from '../heads';
import { checkConnections, checkShapes, type Fail, type TfjsModel } from '../interop';

/** Remaining numbers that the weights of a topology may have; decreases while layers are built. */
interface Allowance {
  left: number;
  /** The memory of the weights created so far, freed if building fails. */
  readonly made: Set<object>;
}

const budgets = new Map<number, Allowance>();
let nextBudget = 0;

/** Zeros, for weights that are loaded next: random numbers take seconds. Throws where a topology asks for more numbers than its file has. */
class FromFile extends serialization.Serializable {
  static readonly className = 'PoseBlocks>FromFile';
  readonly budget: number;

  constructor({ budget }: { readonly budget: number }) {
    super();
    this.budget = budget;
  }

  apply(shape: number[], dtype?: DataType): Tensor {
    const budget = budgets.get(this.budget);
    const wanted = shape.reduce((a, b) => a * b, 1);
    if (budget && !(wanted <= budget.left)) {
      throw new RangeError(`a weight must be no larger than the file holds. Received: [${shape.join()}].`);
    }
    const values = zeros(shape, dtype);
    if (budget) {
      budget.left -= wanted;
      budget.made.add(values.dataId);
    }
    return values;
  }

  fromConfigUsesCustomObjects(): boolean {
    return false;
  }

  override getConfig(): serialization.ConfigDict {
    return { budget: this.budget };
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every weight name of tfjs layers. An initialiser that a file omits would draw random numbers, of any size. */
const WEIGHTS = ['kernel', 'bias', 'depthwise', 'pointwise', 'recurrent', 'embeddings', 'alpha', 'gamma', 'beta', 'moving_mean', 'moving_variance']; // prettier-ignore

/** The same JSON with every initialiser replaced; with `complete`, missing ones are added. */
function withInitializers(value: Json, initializer: Json, complete = false): Json {
  if (Array.isArray(value)) return value.map((each) => withInitializers(each, initializer, complete));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    key.endsWith('_initializer') && (each !== null || complete) ? initializer : withInitializers(each, initializer, complete), // prettier-ignore
  ]);
  const out = Object.fromEntries(entries) as { [key: string]: Json };
  const { class_name: kind, config } = out;
  // Our own layers keep their initialisers; their sizes have been checked before.
  const isTheirs = complete && typeof kind === 'string' && !kind.startsWith('PoseBlocks>');
  if (isTheirs && config !== null && typeof config === 'object' && !Array.isArray(config))
    for (const weight of WEIGHTS)
      // tfjs rejects it where there are two kernels.
      if (!(weight === 'kernel' && kind.startsWith('Separable'))) config![`${weight}_initializer`] = initializer;
  return out;
}

const fail: Fail = (what) => {
  throw new RangeError(what);
};

/** Checks a topology before it is built: its connections, and the size of its weights. */
function checkTopology(topology: unknown, numbers: number): void {
  const { class_name: kind, config } = (topology ?? {}) as { class_name?: unknown; config?: unknown };
  if (typeof kind !== 'string' || typeof config !== 'object')
    return fail(`it must be a model. Received: ${shown(topology)}.`);
  checkConnections(kind, config, fail);
  const budget = new Budget('the network', numbers, 'the numbers that the file holds');
  checkShapes(kind, config as TfjsModel, (name, shape) => {
    if (!shape.every((side) => Number.isSafeInteger(side) && (side as number) > 0))
      fail(`the first weight of ${shownNames([name])} must have a size. Received: ${shown(shape)}.`);
    budget.spend((shape as number[]).reduce((a, b) => a * b, 1), `the first weight of ${shownNames([name])}`);
  }, fail); // prettier-ignore
}

/** A network's layers and connections as JSON, without weights, without initialisers, since the file holds the weights, and without regularisers and constraints that are none. */
export function topologyOf(network: LayersModel): Json {
  const json = network.toJSON(undefined, false) as unknown as Json;
  return withoutNone(withInitializers(json, { class_name: 'Zeros', config: {} }));
}

/** Tfjs writes four of these for each convolution, a tenth of the text. */
function withoutNone(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNone);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key, each]) => each !== null || !/_(regularizer|constraint)$/.test(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutNone(each)]));
}

/**
 * Builds the network of a topology, with all weights 0.
 *
 * @param numbers maximum total size of the weights
 * @throws as tfjs-layers does for a topology that cannot be built or a layer class that is not registered; RangeError for more numbers than allowed.
 */
export async function networkOf(topology: unknown, numbers: number): Promise<LayersModel> {
  registerLayers();
  checkTopology(topology, numbers);
  serialization.registerClass(FromFile);
  const id = nextBudget++;
  const budget: Allowance = { left: numbers, made: new Set() };
  budgets.set(id, budget);
  try {
    const initializer = { class_name: FromFile.className, config: { budget: id } };
    const modelTopology = withInitializers(topology as Json, initializer, true);
    const network = await loadLayersModel({ load: async () => ({ modelTopology: modelTopology as object }) });
    computeAskedGradientsOf(network);
    return network;
  } catch (error) {
    for (const variable of Object.values(engine().registeredVariables)) {
      if (budget.made.has(variable.dataId)) variable.dispose();
    }
    throw error;
  } finally {
    budgets.delete(id);
  }
}
