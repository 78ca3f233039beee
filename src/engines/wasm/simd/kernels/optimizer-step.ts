import type { TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { OptimizerRule } from '../../../optimizer-step';
import type { KernelArgs } from '../../kernel-route';
import type { ParallelKernel } from '../simd-exports';
import type { SimdModule } from '../simd-module';

/** Words of a weight's entry, as in `assembly/optimizer.ts`. */
const ENTRY = 8;

/** `OptimizerStep`: updates the weights in place, and has no outputs. */
export function optimizerStep(args: KernelArgs, module: SimdModule): TensorInfo[] {
  const { steps, keeps } = args.attrs as unknown as { steps: number[]; keeps: number[] };
  const count = steps.length;
  const at = (name: string): number => {
    const tensor = args.inputs[name];
    return tensor ? module.pointer(tensor) : 0;
  };
  const entries = module.scratch(4 * ENTRY * count);
  // Tensors of another engine are moved to this one on first access, and the heap may grow.
  const addresses = steps.map((_, i) => [at(`x${i}`), at(`g${i}`), at(`r${i}.0`), at(`r${i}.1`), at(`r${i}.2`)]);
  const words = module.integers(entries, ENTRY * count);
  const floats = module.floats(entries, ENTRY * count);
  let work = 0;
  addresses.forEach((pointers, i) => {
    const size = util.sizeFromShape(args.inputs[`x${i}`]!.shape);
    words.set([...pointers, size], ENTRY * i);
    floats.set([steps[i]!, keeps[i]!], ENTRY * i + pointers.length + 1);
    work += size;
  });
  const [kernel, ...constants] = call(args.attrs['rule'] as unknown as OptimizerRule);
  module.parallel(kernel, module.parts(4 * work), entries, count, ...constants);
  steps.forEach((_, i) => module.changed(args.inputs[`x${i}`]!));
  return [];
}

function call(rule: OptimizerRule): [ParallelKernel, ...number[]] {
  switch (rule.kind) {
    case 'adaptive':
      return ['adaptiveStep', rule.beta1, rule.beta2, rule.scale, rule.epsilon, Number(rule.divides)];
    case 'rmsprop':
      return ['rmspropStep', rule.alpha, rule.epsilon, rule.momentum, Number(rule.centered)];
    case 'descent':
      return ['descentStep', rule.momentum, Number(rule.nesterov)];
  }
}
