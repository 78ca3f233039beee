import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Program } from '../../../program';
import { input, type KernelArgs } from '../../kernel-route';
import { ARENA, BLOCK, STATE_BYTES } from '../program/instructions';
import { lower, type Lowered } from '../program/lower';
import type { SimdModule } from '../simd-module';

/** `PackFilter`: a filter [h, w, in, out] as the products of programs read it. */
export function packFilter(args: KernelArgs, module: SimdModule): TensorInfo {
  const filter = input(args, 'filter');
  const columns = filter.shape.at(-1)!;
  const depth = filter.size / columns;
  const out = module.output([depth * 8 * Math.ceil(columns / 8)]);
  module.run('packFilter', module.pointer(filter), module.pointer(out), depth, columns);
  return out;
}

const known = /* @__PURE__ */ new WeakMap<Program, Map<number, Lowered>>();

/** The instructions for a batch, made once. */
function loweredFor(program: Program, batch: number): Lowered {
  const sizes = known.get(program) ?? new Map<number, Lowered>();
  known.set(program, sizes);
  const lowered = sizes.get(batch) ?? lower(program, batch);
  sizes.set(batch, lowered);
  return lowered;
}

/** `RunProgram`. */
export function runProgram(args: KernelArgs, module: SimdModule): TensorInfo[] {
  const program = args.attrs['program'] as unknown as Program;
  const batch = input(args, program.inputs[0]!.name).shape[0]!;
  const lowered = loweredFor(program, batch);
  const outputs = lowered.outputs.map(({ shape }) => module.output(shape));
  if (batch === 0) return outputs;
  const arena = module.output([lowered.arenaBytes / 4]);
  const parts = module.threads;
  const bytes = 4 * lowered.words.length;
  const stride = STATE_BYTES + lowered.scratch;
  const block = module.scratch(bytes + 64 + parts * stride);
  const words = module.integers(block, lowered.words.length);
  words.set(lowered.words);
  const addressOf = (base: string): number => {
    if (base === BLOCK) return block;
    const own = lowered.outputs.findIndex(({ name }) => name === base);
    return module.pointer(base === ARENA ? arena : (outputs[own] ?? input(args, base)));
  };
  for (const [base, at] of lowered.addresses) {
    const address = addressOf(base);
    for (const word of at) words[word]! += address;
  }
  const own = (block + bytes + 63) & ~63;
  words.set([0, 0, own, stride]);
  for (let part = 0; part < parts; part++) module.integers(own + part * stride, 2).fill(0);
  module.parallel('runProgram', parts, block, lowered.count);
  module.backend.disposeData(arena.dataId);
  return outputs;
}
