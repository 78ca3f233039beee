import { customGrad, engine, Variable } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';

/**
 * Activation checkpointing (also called gradient checkpointing): runs a part of a network without keeping its activations, and recomputes them in the backward
 * pass. The part then needs memory for its input only, and one more forward pass. Values and gradients do not change, and
 * variables that the part updates as it runs (the moving statistics of batch normalisation) are updated once.
 *
 * Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016 (arXiv:1604.06174).
 *
 * @param part a function of one tensor with the same result every time: no random dropout.
 * @param variables the variables that it trains.
 * @returns a function that replaces the part within a loss.
 *
 * @example
 * const variables = stage.trainableWeights.map((weight) => weight.read() as tf.Variable);
 * const cheap = checkpoint((x) => stage.apply(x, { training: true }) as tf.Tensor, variables);
 * optimizer.minimize(() => loss(cheap(images)));
 */
export function checkpoint<In extends Tensor, Out extends Tensor>(
  part: (x: In) => Out,
  variables: readonly Variable[],
): (x: In) => Out {
  const run = customGrad((...args: (Tensor | GradSaveFunc)[]) => {
    const save = args[args.length - 1] as GradSaveFunc;
    const x = args[0] as In;
    save([x]);
    return {
      value: part(x),
      gradFunc: (dy: Tensor, saved: Tensor[]) => recompute(() => part(saved[0] as In), [saved[0]!, ...variables], dy),
    };
  });
  return (x) => run(x, ...variables) as Out;
}

/** The gradients of a part with respect to its input and variables, from a second run without updates. */
function recompute(part: () => Tensor, sources: Tensor[], dy: Tensor): Tensor[] {
  const { state } = engine();
  const outer = state.activeTape; // of the current backward pass, which still needs it
  const assign = Variable.prototype.assign;
  Variable.prototype.assign = () => {};
  try {
    return engine()
      .gradients(part, sources, dy, true)
      .grads.map((gradient, i) => gradient ?? absent(sources[i]!));
  } finally {
    Variable.prototype.assign = assign;
    state.activeTape = outer;
  }
}

function absent(source: Tensor): never {
  throw new Error(
    `checkpoint: the part must use its input and every variable given. Received: one of shape [${source.shape.join()}] that it does not use.`,
  );
}
