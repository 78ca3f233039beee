export type { EngineDescription, EngineName, EngineOptions } from './engine';
export { formatEngine } from './format-engine';
export { TRAINING_KERNELS } from './training-kernels';
export { describeEngine, disposeEngine, useEngine } from './use-engine';
export { registerWasmGradients } from './wasm';
