import { directoryStore } from '../training/node';
import type { TrainOptions } from './train-options';

const FILE = 'run.json';

/**
 * Checks that a run that exists in the folder has the same options, and returns the function that writes the description of a new run.
 * Call it when training begins, so that options that fail earlier leave no run behind.
 *
 * @throws Error naming the first difference.
 */
export async function openRun(
  options: TrainOptions,
  more: Readonly<Record<string, unknown>>,
): Promise<() => Promise<void>> {
  const { name, recipe, inputSize, seed, accumulate, average, freeze, weights } = options;
  const { files, validation, people, split, limit, processes } = options;
  const [first, ...others] = files;
  const data = {
    ...(first === undefined ? { people } : { annotations: first.annotations, images: first.images }),
    ...(validation !== undefined && { validation: validation.annotations }),
    ...(others.length > 0 && { others }),
    ...(split && { split }),
    ...(limit !== undefined && { limit }),
  };
  const run = {
    name,
    recipe,
    inputSize,
    seed,
    accumulate,
    average,
    freeze,
    weights,
    data,
    processes: processes > 1 ? processes : undefined,
    ...more,
  };
  const store = directoryStore(options.out);
  const saved = await store.read(FILE);
  if (saved === undefined) {
    return () => store.write(FILE, new TextEncoder().encode(`${JSON.stringify(run, null, 2)}\n`));
  }
  const before = JSON.parse(new TextDecoder().decode(saved)) as Record<string, unknown>;
  for (const [key, value] of Object.entries(run)) {
    const [was, is] = [JSON.stringify(before[key]), JSON.stringify(value)];
    if (was === is) continue;
    throw new Error(
      `train: --out ${options.out} holds another run: its ${key} is ${was ?? 'none'}. Received: ${is ?? 'none'}. ` +
        'Give the same options to continue, or another --out.',
    );
  }
  return async () => undefined;
}
