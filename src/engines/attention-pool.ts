import { customGrad, engine, getBackend, getKernel } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';

/** @internal Whether the current engine has {@link attentionPool}. */
export const poolsAttention = (): boolean => Boolean(getKernel('AttentionPool', getBackend()));

/**
 * @internal Attention pooling of a Global Context block in one kernel, and its gradient in one: Σₚ softmax(x · filter + bias)ₚ xₚ. The filter is [1, 1, C, 1], the bias [1].
 * [N, H, W, C] → [N, 1, 1, C].
 */
export function attentionPool(x: Tensor, filter: Tensor, bias: Tensor): Tensor {
  const op = customGrad((...args) => {
    const [x, filter, bias, save] = args as unknown as [Tensor, Tensor, Tensor, GradSaveFunc];
    const [pooled, weights] = engine().runKernel<Tensor[]>('AttentionPool', { x, filter, bias });
    save([x, filter, pooled!, weights!]);
    return {
      value: pooled!,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, filter, pooled, weights] = saved as [Tensor, Tensor, Tensor, Tensor];
        return engine().runKernel<Tensor[]>('AttentionPoolGrad', { dy, x, filter, pooled, weights });
      },
    };
  });
  return op(x, filter, bias);
}
