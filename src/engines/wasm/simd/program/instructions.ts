/** The kernels of `assembly/program.ts`, in the order of their numbers. */
export const PROGRAM_KERNELS = [
  'packedPointwise',
  'packedConvolution',
  'depthwiseConvolution',
  'maxPool',
  'rowDots',
  'attentionPool',
  'layerNorm',
  'sum',
  'depthwiseInputGradient',
  'copyGrid',
  'affineColumns',
  'relu',
  'columnSums',
  'winogradConvolution',
  'integerPointwise',
  'activateValues',
  'multiplyMaps',
  'resizeBilinear',
  'integerConvolution',
  'strassenConvolution',
] as const;

export type ProgramKernel = (typeof PROGRAM_KERNELS)[number];

/** Bytes at `offset` of a base that is known by name until the program runs: a tensor, the arena, the block itself. */
export interface Place {
  readonly base: string;
  readonly offset: number;
}

/** A count, an address, or a real number. */
export type Argument = number | Place | { readonly float: number };

export interface Instruction {
  readonly kernel: ProgramKernel;
  readonly args: readonly Argument[];
  /** Whether the threads share it. */
  readonly shared: boolean;
  /** The number of pieces of a thread's share, which the others take over when it is slower. */
  readonly pieces: number;
  readonly reads: readonly Range[];
  readonly writes: Range;
}

/** The bytes that an instruction reads or writes. */
export interface Range extends Place {
  readonly bytes: number;
}

/** As in `assembly/program.ts`. */
export const STATE_BYTES = 64;
const HEAD_WORDS = 16;
const INSTRUCTION_WORDS = 16;
const SHARED = 1;
const AFTER_ALL = 2;
const PIECES = 8;

/** The names of the two places that are not tensors. */
export const ARENA = ' arena';
export const BLOCK = ' block';

/** A program as words, without the addresses. */
export interface Encoded {
  readonly count: number;
  readonly words: Int32Array;
  /** Words to which the address of each base is added. */
  readonly addresses: ReadonlyMap<string, readonly number[]>;
}

const overlap = (a: Range, b: Range): boolean =>
  a.base === b.base && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

/** The instructions that must wait until all threads have finished the previous ones. */
function barriers(instructions: readonly Instruction[]): boolean[] {
  let open: Instruction[] = [];
  return instructions.map((next) => {
    const waits = open.some(
      (before) =>
        before.writes !== next.writes && // of the same step: they are adjacent
        (before.shared || next.shared) &&
        ([next.writes, ...next.reads].some((range) => overlap(before.writes, range)) ||
          before.reads.some((range) => overlap(next.writes, range))),
    );
    if (waits) open = [];
    open.push(next);
    return waits;
  });
}

/** `tables` follow the instructions in the block; a {@link Place} in BLOCK counts from their start. */
export function encode(instructions: readonly Instruction[], tables: readonly number[]): Encoded {
  const tablesAt = HEAD_WORDS + INSTRUCTION_WORDS * instructions.length;
  const words = new Int32Array(tablesAt + tables.length);
  const floats = new Float32Array(words.buffer);
  const addresses = new Map<string, number[]>();
  const waits = barriers(instructions);
  instructions.forEach(({ kernel, args, shared, pieces }, i) => {
    const at = HEAD_WORDS + INSTRUCTION_WORDS * i;
    words[at] = PROGRAM_KERNELS.indexOf(kernel);
    words[at + 1] = (pieces << PIECES) | (shared ? SHARED : 0) | (waits[i] ? AFTER_ALL : 0);
    args.forEach((argument, j) => {
      const word = at + 2 + j;
      if (typeof argument === 'number') words[word] = argument;
      else if ('float' in argument) floats[word] = argument.float;
      else {
        words[word] = argument.offset + (argument.base === BLOCK ? 4 * tablesAt : 0);
        const known = addresses.get(argument.base);
        if (known) known.push(word);
        else addresses.set(argument.base, [word]);
      }
    });
  });
  words.set(tables, tablesAt);
  return { count: instructions.length, words, addresses };
}
