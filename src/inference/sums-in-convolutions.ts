import { readsOf, type Program, type ProgramOperation } from '../engines';

/** Moves a sum after a convolution into the convolution where nothing else reads it, which saves one pass over the map. */
export function withSumsInConvolutions(steps: Program['steps'], outputs: readonly string[]): Program['steps'] {
  const reads = new Map<string, number>();
  for (const name of [...steps.flatMap(readsOf), ...outputs]) reads.set(name, (reads.get(name) ?? 0) + 1);
  const convolutions = new Map(steps.flatMap((step) => (step.op.kind === 'conv' ? [[step.name, step.op]] : [])));
  const merged = new Set<string>();
  const joined = steps.map((step) => {
    const { op } = step;
    if (op.kind !== 'sum') return step;
    const terms = [op.x, ...(op.more === undefined ? [] : [op.more])];
    const name = terms.find((term) => convolutions.get(term)?.activation === 0 && reads.get(term) === 1);
    if (name === undefined) return step;
    merged.add(name);
    const other = terms.find((term) => term !== name);
    const convolution = convolutions.get(name)!;
    return {
      ...step,
      op: {
        ...convolution,
        ...(op.row !== undefined && { row: op.row }),
        ...(other !== undefined && { more: other }),
        activation: op.activation,
      } satisfies ProgramOperation,
    };
  });
  return joined.filter(({ name }) => !merged.has(name));
}
