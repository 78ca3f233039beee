import { disposeEngine, useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { afterAll, describe, expect, it } from 'vitest';
import { buildingMistakes } from './mistakes/building';
import { estimationMistakes } from './mistakes/estimation';
import { rightThings, type Mistake } from './mistakes/given';
import { trainingMistakes } from './mistakes/training';

await useEngine('wasm');
const things = rightThings();
const estimator = await createEstimator(things.model);

afterAll(async () => {
  await estimator.dispose();
  things.network.dispose();
  disposeEngine();
});

/** Where: what must hold. Received: values. And no line break, stack or sentence of the runtime. */
const FORM = /^[^\s:][^\n]*?: [\s\S]+ Received: [\s\S]+/;
const OF_THE_RUNTIME =
  /is not iterable|is not a function|Cannot read propert|Cannot destructure|undefined \(reading|is not defined|Invalid array length|Cannot convert|Cannot use 'in'|Reduce of empty/;

async function errorOf(call: Mistake[2]): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each([
  ['estimation', estimationMistakes(things, estimator)],
  ['training', trainingMistakes(things)],
  ['building', buildingMistakes(things)],
])('likely mistakes in %s', (_, mistakes) => {
  it.each(mistakes)('%s: %s', async (_name, _what, call) => {
    const error = await errorOf(call);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toMatch(FORM);
    expect(message).not.toMatch(OF_THE_RUNTIME);
  });
});
