import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fold, graphOf, type Graph } from '../graph';
import { stepOf, type Step } from './operations';

/** A network made ready for inference: a function of the images, and the memory of its constants. */
export interface CompiledNetwork {
  /** [N, H, W, C] → the network's outputs, one tensor or a list as the network has. They belong to the caller; the input stays. */
  (images: tf.Tensor4D): tf.Tensor4D | tf.Tensor4D[];
  /** [height, width, channels] of the input. */
  readonly inputShape: readonly number[];
  /** Frees the constants. Calling the network afterwards is an error. */
  dispose(): void;
}

interface Instruction {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly step: Step;
  /** Tensors that nothing reads after this instruction. */
  readonly frees: readonly string[];
}

/** Which tensors each instruction reads last. Outputs and the image are never freed. */
function scheduled(graph: Graph): Instruction[] {
  const kept = new Set([...graph.outputs, ...graph.inputs.map(({ name }) => name)]);
  const last = new Map<string, string>();
  for (const { name, inputs } of graph.nodes) for (const input of inputs) last.set(input, name);
  return graph.nodes.map((node) => ({
    name: node.name,
    inputs: node.inputs,
    step: stepOf(node),
    frees: [...new Set(node.inputs)].filter((input) => last.get(input) === node.name && !kept.has(input)),
  }));
}

/**
 * Makes a network ready for inference on the current engine: normalisations folded into convolutions, activations and padding fused, Global Context and
 * grouped deconvolution in cheaper equivalents. Outputs equal the network's to rounding. The weights are copied: train further, then compile again.
 *
 * @throws RangeError that names the layer that has no inference-time equivalent here.
 * @example
 * const run = await compile(network);
 * const heatmaps = run(images); // … run.dispose();
 */
export async function compile(network: LayersModel): Promise<CompiledNetwork> {
  return compileGraph(fold(await graphOf(network)));
}

/** A graph ready to run on the current engine. */
export function compileGraph(graph: Graph): CompiledNetwork {
  const instructions = scheduled(graph);
  const [image] = graph.inputs;
  if (graph.inputs.length !== 1) {
    throw new RangeError(`compile: a network must have one input. Received: ${graph.inputs.length}.`);
  }
  let disposed = false;

  const run = (images: tf.Tensor4D): tf.Tensor4D | tf.Tensor4D[] => {
    if (disposed) throw new Error(`${graph.name}: the compiled network was disposed. Compile it again.`);
    if (images.rank !== 4 || images.shape.slice(1).join() !== image!.shape.join()) {
      throw new RangeError(
        `${graph.name}: images must be [N, ${image!.shape.join(', ')}]. Received: [${images.shape.join(', ')}].`,
      );
    }
    return tf.tidy(() => {
      const values = new Map<string, tf.Tensor>([[image!.name, images]]);
      for (const { name, inputs, step, frees } of instructions) {
        values.set(name, step.run(inputs.map((input) => values.get(input)!)));
        for (const each of frees) values.get(each)!.dispose();
      }
      const outputs = graph.outputs.map((name) => values.get(name) as tf.Tensor4D);
      return outputs.length === 1 ? outputs[0]! : outputs;
    });
  };
  return Object.assign(run, {
    inputShape: image!.shape,
    dispose: () => {
      disposed = true;
      tf.dispose(instructions.flatMap(({ step }) => [...step.constants]));
    },
  });
}
