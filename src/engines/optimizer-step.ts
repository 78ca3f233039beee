import { engine, getBackend, getKernel, mul, tidy, type Tensor, type Variable } from '@tensorflow/tfjs-core';

/** @internal One step of an optimiser, without the weights. β, α and momentum in double precision. */
export type OptimizerRule =
  /** m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← keep·x − step·m / (√v·scale + ε), or − step·m. Running values m, v. */
  | {
      readonly kind: 'adaptive';
      readonly beta1: number;
      readonly beta2: number;
      readonly scale: number;
      readonly epsilon: number;
      readonly divides: boolean;
    }
  /** s ← αs + (1−α)g², x ← keep·x − step·g / (√s + ε). Running values s, and with `centered` a, with momentum b. */
  | {
      readonly kind: 'rmsprop';
      readonly alpha: number;
      readonly epsilon: number;
      readonly momentum: number;
      readonly centered: boolean;
    }
  /** b ← momentum·b + g, x ← keep·x − step·b. Running value b, with momentum. */
  | { readonly kind: 'descent'; readonly momentum: number; readonly nesterov: boolean };

/** @internal A weight that a step updates. */
export interface WeightStep {
  readonly variable: Variable;
  readonly gradient: Tensor;
  /** Its running values, in the order of the rule; undefined for unused ones. */
  readonly running: readonly (Variable | undefined)[];
  readonly step: number;
  readonly keep: number;
}

/** @internal Whether the current engine can apply an optimiser step to all weights in one call. */
export function stepsWeights(): boolean {
  return Boolean(getKernel('OptimizerStep', getBackend()));
}

/** @internal Whether such a step can update the variable with this gradient. */
export function isSteppable(variable: Variable, gradient: Tensor): boolean {
  return variable.dtype === 'float32' && gradient.dtype === 'float32' && variable.size === gradient.size;
}

/**
 * @internal Applies a step: the variables and their running values change in place, unless other tensors share their data;
 * those keep the old data. Returns false where the engine has the kernel and cannot run it; nothing has changed then.
 */
export function stepWeights(rule: OptimizerRule, weights: readonly WeightStep[]): boolean {
  const inputs: Record<string, Tensor> = {};
  weights.forEach(({ variable, gradient, running }, i) => {
    inputs[`x${i}`] = ownData(variable);
    inputs[`g${i}`] = gradient;
    running.forEach((value, j) => {
      if (value) inputs[`r${i}.${j}`] = ownData(value);
    });
  });
  const steps = weights.map(({ step }) => step);
  const keeps = weights.map(({ keep }) => keep);
  const refusal = engine().runKernel<Tensor[]>('OptimizerStep', inputs, { rule: rule as never, steps, keeps });
  refusal.forEach((tensor) => tensor.dispose());
  return refusal.length === 0;
}

/** Gives a variable data that no other tensor shares. */
function ownData(variable: Variable): Variable {
  if (engine().backend.refCount(variable.dataId) === 1) return variable;
  tidy(() => variable.assign(mul(variable, 1)));
  return variable;
}
