import { knownOptions } from '../bytes';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fold, graphOf, networkIn, splitDoublings, type Graph, type GraphNode, type GraphOptions } from '../graph';
import type { PoseModel } from '../models';
import { stepOf } from './operations';
import { programSections, runsPrograms, type Section } from './sections';

/** Number type of the products. */
export type Precision = 'float32' | 'int16';

/** Options of {@link compile}. */
export interface CompileOptions extends GraphOptions {
  /**
   * `int16` computes convolutions in 16-bit integers, where the engine supports it (wasm with SIMD; others stay in float32) and Winograd's algorithm is not faster: each
   * filter is scaled by its largest weight, each pixel of a 1 × 1 convolution, or the rows that another reads at once, by the largest value, and sums have 32 bits. Networks that consist of 1 × 1
   * convolutions, like LPN, become faster, and heatmaps move by 1e-3 to 3e-3 of their deviation, as a root mean square.
   * @defaultValue 'float32'
   */
  readonly precision?: Precision;
}

/** A network compiled for inference: a function of the images that owns the memory of its constants. */
export interface CompiledNetwork {
  /** [N, H, W, C] → the network's outputs, one tensor or a list as in the network. They belong to the caller; the input is not disposed. */
  (images: tf.Tensor4D): tf.Tensor4D | tf.Tensor4D[];
  /** [height, width, channels] of the input. */
  readonly inputShape: readonly number[];
  /** Frees the constants. Calling the network afterwards is an error. */
  dispose(): void;
}

interface Instruction extends Section {
  /** Tensors that are not read after this instruction. */
  readonly frees: readonly string[];
}

/** The sections of a graph in order, with the tensors that each reads last. Outputs and the image are never freed. */
function scheduled(graph: Graph, precision: Precision): Instruction[] {
  const sections = sectionsOf(graph, precision);
  const kept = new Set([...graph.outputs, ...graph.inputs.map(({ name }) => name)]);
  const last = new Map<string, Section>();
  for (const section of sections) for (const input of section.inputs) last.set(input, section);
  return sections.map((section) => ({
    ...section,
    frees: [...new Set(section.inputs)].filter((input) => last.get(input) === section && !kept.has(input)),
  }));
}

/** Runs node by node or, where the engine supports programs, many nodes in one call. */
function sectionsOf(graph: Graph, precision: Precision): Section[] {
  return runsPrograms() ? programSections(splitDoublings(graph), nodeSection, precision) : graph.nodes.map(nodeSection);
}

function nodeSection(node: GraphNode): Section {
  const { run, constants } = stepOf(node);
  return { inputs: node.inputs, outputs: [node.name], constants, run: (inputs) => [run(inputs)] };
}

/**
 * Compiles a network for inference on the current engine: folds normalisations into convolutions, fuses activations and padding, and replaces Global Context and
 * grouped transposed convolutions by cheaper equivalents. Outputs equal the network's up to rounding. The weights are copied: after further training, compile again.
 *
 * @param source a network, or a pose model
 * @param options number type of the products, and converters for your own layers
 * @throws RangeError naming the layer without an equivalent for inference; the compiled network throws it for images of another size, on
 *   another engine, or after `dispose()`.
 * @example
 * const run = await compile(network);
 * const heatmaps = run(images); // … run.dispose();
 */
export async function compile(source: LayersModel | PoseModel, options: CompileOptions = {}): Promise<CompiledNetwork> {
  const { precision = 'float32', ...graphOptions } = knownOptions('compile', options, ['precision', 'converters']);
  if (precision !== 'float32' && precision !== 'int16') {
    throw new RangeError(`compile: precision must be 'float32' or 'int16'. Received: ${String(precision)}.`);
  }
  return compileGraph(fold(await graphOf(networkIn('compile', source), graphOptions)), precision);
}

/** Prepares a graph for the current engine. */
export function compileGraph(graph: Graph, precision: Precision = 'float32'): CompiledNetwork {
  const instructions = scheduled(graph, precision);
  const [image] = graph.inputs;
  if (graph.inputs.length !== 1) {
    throw new RangeError(`compile: a network must have one input. Received: ${graph.inputs.length}.`);
  }
  const engine = tf.getBackend();
  let disposed = false;

  const run = (images: tf.Tensor4D): tf.Tensor4D | tf.Tensor4D[] => {
    if (disposed) throw new Error(`${graph.name}: the compiled network was disposed. Compile it again.`);
    if (tf.getBackend() !== engine) {
      throw new Error(
        `${graph.name}: the current engine must be the one that the network was compiled for, ${engine}. ` +
          `Received: ${tf.getBackend()}. Compile it again.`,
      );
    }
    if (images.rank !== 4 || images.shape.slice(1).join() !== image!.shape.join()) {
      throw new RangeError(
        `${graph.name}: images must be [N, ${image!.shape.join(', ')}]. Received: [${images.shape.join(', ')}].`,
      );
    }
    return tf.tidy(() => {
      const values = new Map<string, tf.Tensor>([[image!.name, tf.cast(images, 'float32')]]);
      for (const { inputs, outputs, run, frees } of instructions) {
        const made = run(inputs.map((input) => values.get(input)!));
        outputs.forEach((name, i) => values.set(name, made[i]!));
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
      tf.dispose(instructions.flatMap(({ constants }) => [...constants]));
    },
  });
}
