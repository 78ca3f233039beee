import { disposeEngine, useEngine, type EngineDescription } from 'poseblocks/engines';
import type { BrowserEngine } from '../../support/chromium';
import { runConformance, type Conformance } from './run';

declare global {
  var testEngine: (engine: BrowserEngine) => Promise<{ description: EngineDescription; kernels: Conformance }>;
}

globalThis.testEngine = async (engine) => {
  const description = await useEngine(engine, {
    wasmPaths: '/wasm', // without its slash
    packages: {
      webgl: () => import('@tensorflow/tfjs-backend-webgl'),
      webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
    },
  });
  const kernels = await runConformance();
  disposeEngine();
  return { description, kernels };
};
