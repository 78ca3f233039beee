import { disposeEngine, useEngine, type EngineDescription } from 'poseblocks/engines';
import { describeWasmKernels } from 'poseblocks/engines/wasm';
import type { BrowserEngine } from '../../support/chromium';
import { predictAndTrain, type Outcome } from './predict-and-train';

declare global {
  var runEngine: (
    engine: BrowserEngine,
    threads: number,
  ) => Promise<{ description: EngineDescription; outcome: Outcome }>;
}

globalThis.runEngine = async (engine, threads) => {
  const options =
    engine === 'wasm'
      ? { wasmPaths: '/wasm/', threads }
      : {
          packages: {
            webgl: () => import('@tensorflow/tfjs-backend-webgl'),
            webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
          },
        };
  const description = await useEngine(engine, options);
  if (engine === 'wasm')
    while (describeWasmKernels().threads < threads) await new Promise((later) => setTimeout(later, 5));
  const outcome = await predictAndTrain();
  disposeEngine();
  return { description, outcome };
};
