import { engine, serialization, zeros, type DataType, type Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { computeAskedGradientsOf } from '../blocks';
import { registerLayers } from '../heads';

/** Numbers that the weights of a topology may take; counted down while layers are built. */
interface Budget {
  left: number;
  /** The memory of the weights made so far, to free them where building fails half-way. */
  readonly made: Set<object>;
}

const budgets = new Map<number, Budget>();
let nextBudget = 0;

/** Zeros, for weights that a file brings: drawing random ones takes seconds. Stops where a topology asks for more numbers than its file has. */
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
      throw new RangeError(`a weight of shape [${shape}] is more than the file holds`);
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

/** The same JSON with every initialiser replaced. */
function withInitializers(value: Json, initializer: Json): Json {
  if (Array.isArray(value)) return value.map((each) => withInitializers(each, initializer));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key.endsWith('_initializer') && each !== null ? initializer : withInitializers(each, initializer),
    ]),
  );
}

/** A network's layers and connections as JSON, without weights. How weights began is left out: the file brings them. */
export function topologyOf(network: LayersModel): Json {
  const json = network.toJSON(undefined, false) as unknown as Json;
  return withInitializers(json, { class_name: 'Zeros', config: {} });
}

/**
 * The network of a topology, all weights 0.
 *
 * @param numbers how many the weights may have
 * @throws what tfjs-layers throws for a topology that cannot be built, or a layer class that is not registered; RangeError for more numbers than allowed.
 */
export async function networkOf(topology: unknown, numbers: number): Promise<LayersModel> {
  registerLayers();
  serialization.registerClass(FromFile);
  const id = nextBudget++;
  const budget: Budget = { left: numbers, made: new Set() };
  budgets.set(id, budget);
  try {
    const modelTopology = withInitializers(topology as Json, {
      class_name: FromFile.className,
      config: { budget: id },
    });
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
