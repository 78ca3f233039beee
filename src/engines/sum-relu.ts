import { add, clone, customGrad, engine, getBackend, getKernel, relu, util, type Tensor } from '@tensorflow/tfjs-core';
import type { GradSaveFunc } from '@tensorflow/tfjs-core';

/** @internal The ReLU of the sum of two tensors or more, the last sum and the ReLU as one pass where the engine has one. */
export function sumRelu(terms: readonly Tensor[]): Tensor {
  const first = terms.slice(0, -1).reduce((a, b) => add(a, b));
  const last = terms.at(-1)!;
  const backend = getBackend();
  const known = ['AddRelu', 'ReluGrad'].every((kernel) => getKernel(kernel, backend));
  const fits = util.arraysEqual(first.shape, last.shape) && [first, last].every(({ dtype }) => dtype === 'float32');
  if (!known || !fits) return relu(add(first, last));
  const op = customGrad((...args) => {
    const [a, b, save] = args as unknown as [Tensor, Tensor, GradSaveFunc];
    const y = engine().runKernel<Tensor>('AddRelu', { a, b });
    save([y]);
    return {
      value: y,
      gradFunc: (dy: Tensor, [y]: Tensor[]) => {
        const both = engine().runKernel<Tensor>('ReluGrad', { dy, y: y! });
        return [both, clone(both)];
      },
    };
  });
  return op(first, last);
}
