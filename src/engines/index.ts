/**
 * `useEngine` chooses a TensorFlow.js backend, adds the kernels and gradients that training needs, and says what was chosen and why.
 *
 * @packageDocumentation
 */
export type { EngineDescription, EngineName, EngineOptions } from './engine';
export { checkpoint } from './checkpoint';
export {
  packFilter,
  readsOf,
  runProgram,
  type Placement,
  type Program,
  type ProgramMap,
  type ProgramOperation,
  type ProgramPrecision,
  type ProgramStep,
  type Window,
} from './program';
export { isSteppable, stepsWeights, stepWeights, type OptimizerRule, type WeightStep } from './optimizer-step';
export { attentionPool, poolsAttention } from './attention-pool';
export { normalizeLayer } from './layer-norm';
export { sumRelu } from './sum-relu';
export { formatEngine } from './format-engine';
export { stopGradient } from './gradients/stop-gradient';
export { registerGradients } from './gradients/register-gradients';
export { TRAINING_KERNELS } from './training-kernels';
/** @internal */
export { requireEngine } from './require-engine';
export { describeEngine, disposeEngine, useEngine } from './use-engine';
export { registerWasmGradients } from './wasm';
