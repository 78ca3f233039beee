import { backend_util, mul, reshape, sum, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelArgs } from '../kernel-route';

/** `Einsum` as broadcast products and sums, one summed dimension after the other. */
export function einsum({ inputs, attrs }: KernelArgs): TensorInfo {
  const tensors = Object.values(inputs) as Tensor[];
  const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(
    attrs['equation'] as string,
    tensors.length,
  );
  backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors);
  const { path, steps } = backend_util.getEinsumComputePath(summedDims, idDims);
  return tidy((): Tensor => {
    let product: Tensor | undefined;
    let remaining = allDims.length;
    steps.forEach((terms, i) => {
      for (const term of terms) {
        const aligned = alignDimensions(tensors[term]!, idDims[term]!, remaining);
        product = product ? mul(aligned, product) : aligned;
      }
      if (i === steps.length - 1) return;
      if (path[i]! >= 0) product = sum(product!, path[i]! - (allDims.length - remaining));
      remaining--;
    });
    return reshape(product!, product!.shape);
  });
}

/** `x` with its dimensions in the order of the equation, and size 1 for missing ones. */
function alignDimensions(x: Tensor, dims: number[], remaining: number): Tensor {
  const { permutationIndices, expandDims } = backend_util.getEinsumPermutation(remaining, dims);
  const ordered = backend_util.isIdentityPermutation(permutationIndices) ? x : transpose(x, permutationIndices);
  const shape = ordered.shape.slice();
  for (const dim of expandDims) shape.splice(dim, 0, 1);
  return reshape(ordered, shape);
}
