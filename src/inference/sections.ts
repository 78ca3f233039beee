import * as tf from '@tensorflow/tfjs-core';
import { packFilter, runProgram, type Program, type ProgramMap, type ProgramPrecision } from '../engines';
import type { Graph, GraphNode } from '../graph';
import { translate, type Shapes, type Translation } from './program-step';
import { withSumsInConvolutions } from './sums-in-convolutions';

/** Nodes of a graph that run together, with their inputs and outputs by name. */
export interface Section {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly constants: readonly tf.Tensor[];
  readonly run: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];
}

interface Piece {
  readonly node: GraphNode;
  readonly translation: Translation;
}

/** Whether the current engine can run several nodes in one call. */
export function runsPrograms(): boolean {
  return tf.tidy(() => packFilter(tf.zeros([1, 1, 1, 1])) !== undefined);
}

const nodesOf = (section: GraphNode | readonly Piece[]): readonly GraphNode[] =>
  'op' in section ? [section] : section.map(({ node }) => node);

/** Divides a graph into programs as long as possible, and single nodes where programs lack the step. */
export function programSections(
  graph: Graph,
  single: (node: GraphNode) => Section,
  precision: ProgramPrecision,
): Section[] {
  const shapes: Shapes = new Map([...graph.inputs, ...graph.nodes].map(({ name, shape }) => [name, shape]));
  const divided = divide(withPooledMaps(graph), shapes, precision);
  return divided.map((section) => {
    if ('op' in section) return single(section);
    const others = divided.filter((other) => other !== section).flatMap(nodesOf);
    const outside = new Set([...graph.outputs, ...others.flatMap(({ inputs }) => inputs)]);
    const names = nodesOf(section).map(({ name }) => name);
    const outputs = names.filter((name) => outside.has(name));
    return programSection(section, shapes, outputs);
  });
}

/** Merges global pooling and the reshape back to a map, as in squeeze-and-excitation, into one node, because the value between them is not a map. */
function withPooledMaps({ nodes, outputs }: Graph): GraphNode[] {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const joined = new Map<string, GraphNode>();
  for (const pool of nodes) {
    const reads = readers.get(pool.name) ?? [];
    const [reshape] = reads;
    const isMap = reshape?.op.kind === 'reshape' && reshape.shape.join() === [1, 1, pool.shape[0]].join();
    if (pool.op.kind !== 'globalAveragePool' || reads.length !== 1 || !isMap || outputs.includes(pool.name)) continue;
    joined.set(reshape.name, { ...reshape, inputs: pool.inputs, op: pool.op });
    joined.set(pool.name, pool);
  }
  return nodes.flatMap((node) => {
    const known = joined.get(node.name);
    return known === node ? [] : [known ?? node];
  });
}

function divide(nodes: readonly GraphNode[], shapes: Shapes, precision: ProgramPrecision): (GraphNode | Piece[])[] {
  const sections: (GraphNode | Piece[])[] = [];
  for (const node of nodes) {
    const translation = translate(node, shapes, precision);
    const last = sections.at(-1);
    if (!translation) sections.push(node);
    else if (Array.isArray(last)) last.push({ node, translation });
    else sections.push([{ node, translation }]);
  }
  return sections;
}

/** Combines nodes into one program, of which `outputs` are read outside. */
function programSection(pieces: readonly Piece[], shapes: Shapes, outputs: readonly string[]): Section {
  const made = new Set(pieces.map(({ node }) => node.name));
  const inputs = [...new Set(pieces.flatMap(({ node }) => node.inputs))].filter((name) => !made.has(name));
  const mapOf = (name: string): ProgramMap => ({ name, shape: shapes.get(name) as ProgramMap['shape'] });
  const steps = withSumsInConvolutions(
    pieces.flatMap(({ node, translation }) => translation.steps.map((step) => ({ ...mapOf(node.name), ...step }))),
    outputs,
  );
  const program: Program = { inputs: inputs.map(mapOf), steps, outputs };
  const makers = pieces.flatMap(({ translation }) => Object.entries(translation.constants));
  const constants = Object.fromEntries(makers.map(([name, make]) => [name, make()]));
  return {
    inputs,
    outputs,
    constants: Object.values(constants),
    run: (values) =>
      runProgram(program, { ...constants, ...Object.fromEntries(inputs.map((n, i) => [n, values[i]!])) }),
  };
}
