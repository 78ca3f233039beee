import { readsOf, type Program, type ProgramMap, type ProgramStep } from '../../../program';
import { Arena } from './arena';
import { ARENA, type Argument, type Range } from './instructions';

export type Shape = ProgramMap['shape'];

export const sizeOf = ([height, width, channels]: Shape): number => height * width * channels;

export interface Places {
  readonly ranges: ReadonlyMap<string, Range>;
  readonly at: (name: string | undefined) => Argument;
  readonly arenaBytes: number;
}

/** The address of each value: the program's inputs, outputs and constants are in separate tensors, the others in the arena. */
export function placeValues(program: Program, batch: number): Places {
  const arena = new Arena();
  const ranges = new Map<string, Range>();
  const own = ({ name, shape }: ProgramMap): void => {
    ranges.set(name, { base: name, offset: 0, bytes: 4 * batch * sizeOf(shape) });
  };
  program.inputs.forEach(own);
  const last = new Map<string, ProgramStep>();
  for (const step of program.steps) for (const name of readsOf(step)) last.set(name, step);
  for (const step of program.steps) {
    const { name, shape } = step;
    const bytes = 4 * batch * sizeOf(shape);
    if (program.outputs.includes(name)) own(step);
    else ranges.set(name, { base: ARENA, offset: arena.take(bytes), bytes });
    for (const read of new Set(readsOf(step))) {
      const range = ranges.get(read);
      if (range?.base === ARENA && last.get(read) === step) arena.give(range.offset, range.bytes);
    }
  }
  const at = (name: string | undefined): Argument =>
    name === undefined ? 0 : (ranges.get(name) ?? { base: name, offset: 0 });
  return { ranges, at, arenaBytes: arena.bytes };
}
