import { disposeEngine, useEngine, type EngineDescription } from 'poseblocks/engines';
import type { BrowserEngine } from '../../support/chromium';
import { predictAndTrain, type Outcome } from './predict-and-train';

declare global {
  var runEngine: (engine: BrowserEngine) => Promise<{ description: EngineDescription; outcome: Outcome }>;
}

globalThis.runEngine = async (engine) => {
  const description = await useEngine(engine, { wasmPaths: '/wasm/' });
  const outcome = await predictAndTrain();
  disposeEngine();
  return { description, outcome };
};
