import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { isPointwise, type Placement, type Program } from '../../../program';
import { input, type KernelArgs } from '../../kernel-route';
import { ARENA, BLOCK, STATE_BYTES } from '../program/instructions';
import { lower, type Lowered } from '../program/lower';
import type { Packed } from '../program/packed';
import type { SimdModule } from '../simd-module';
import { integerFloats, packIntegers, takesIntegers, type IntegerSize } from '../integers';
import { packStrassen, strassenShape, takesStrassen } from '../strassen';
import { packPositions, packedForm, packedShape, type FilterShape } from '../winograd-filters';
import { filterFloats, filterScratch, winogradForm, type WinogradSize } from '../winograd';
import { transformFilters } from './winograd';

/**
 * `PackFilter`: a filter [h, w, in, out] in the layout of products in programs, or in the layout of the cheapest Winograd variant
 * for its place ([positions, …]), or, where the precision requests them, as integers ([1, 1, …]).
 */
export function packFilter(args: KernelArgs, module: SimdModule): TensorInfo {
  const filter = input(args, 'filter');
  const placement = args.attrs['placement'] as unknown as Placement | undefined;
  const size = placement && sizeIn(placement, filter.shape);
  const form = winogradForm(size, true);
  if (size && form) {
    const positions = (form + 2) ** 2;
    const out = module.output([positions, filterFloats(size, form) / positions]);
    const source = { pointer: module.pointer(filter), gradient: false };
    transformFilters(module, source, size, form, module.pointer(out), module.scratch(filterScratch(size, 1)), 1);
    return out;
  }
  const columns = filter.shape.at(-1)!;
  const depth = filter.size / columns;
  const integers = placement && integersIn(placement, filter.shape);
  /** A filter that is packed on this side. */
  const packed = (shape: number[], pack: (values: Float32Array, out: Float32Array) => void): TensorInfo => {
    const out = module.output(shape);
    const floats = util.sizeFromShape(shape);
    pack(module.floats(module.pointer(filter), filter.size), module.floats(module.pointer(out), floats));
    return out;
  };
  const sizes = filter.shape as unknown as FilterShape;
  const other = placement && packedForm(placement.window, sizes, placement.to);
  if (other) {
    return packed(packedShape(other, sizes), (values, out) => packPositions(other, values, sizes, out));
  }
  if (integers) {
    return packed([1, 1, integerFloats(integers)], (values, out) => packIntegers(values, integers, out));
  }
  if (placement && takesStrassen(placement.to[0] * placement.to[1], depth, columns)) {
    return packed(strassenShape(depth, columns), (values, out) => packStrassen(values, depth, columns, out));
  }
  const out = module.output([depth * 8 * Math.ceil(columns / 8)]);
  module.run('packFilter', module.pointer(filter), module.pointer(out), depth, columns);
  return out;
}

/** The sizes of a convolution's filter as integers, where the precision requests them and it pays. */
function integersIn({ window, from, to, precision }: Placement, filter: readonly number[]): IntegerSize | undefined {
  const [rows, width, channels, columns] = filter as [number, number, number, number];
  const size = { rows, run: width * channels, columns };
  const takes = precision === 'int16' && takesIntegers(size, isPointwise(window, from, to), window.dilation);
  return takes ? size : undefined;
}

/** The sizes of a convolution of one image, where the Winograd variants support it. */
function sizeIn({ window, to }: Placement, filter: readonly number[]): WinogradSize | undefined {
  const [height, width, inChannels, outChannels] = filter as [number, number, number, number];
  if (height !== 3 || width !== 3 || window.stride !== 1 || window.dilation !== 1) return undefined;
  return { batch: 1, outHeight: to[0], outWidth: to[1], inChannels, outChannels };
}

const known = /* @__PURE__ */ new WeakMap<Program, Map<number, Lowered>>();

/** The instructions for a batch size, created once. */
function loweredFor(program: Program, batch: number, packed: Packed): Lowered {
  const sizes = known.get(program) ?? new Map<number, Lowered>();
  known.set(program, sizes);
  const lowered = sizes.get(batch) ?? lower(program, batch, packed);
  sizes.set(batch, lowered);
  return lowered;
}

/** `RunProgram`. */
export function runProgram(args: KernelArgs, module: SimdModule): TensorInfo[] {
  const program = args.attrs['program'] as unknown as Program;
  const batch = input(args, program.inputs[0]!.name).shape[0]!;
  const lowered = loweredFor(program, batch, (name) => input(args, name).shape);
  const outputs = lowered.outputs.map(({ shape }) => module.output(shape));
  if (batch === 0) return outputs;
  const arena = module.output([lowered.arenaBytes / 4]);
  const parts = module.threads;
  const bytes = 4 * lowered.words.length;
  const stride = STATE_BYTES + lowered.scratch;
  const claims = lowered.count * parts;
  const block = module.scratch(bytes + 4 * claims + 64 + parts * stride);
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
  const claimed = block + bytes;
  module.integers(claimed, claims).fill(0);
  const own = (claimed + 4 * claims + 63) & ~63;
  words.set([0, 0, own, stride, claimed]);
  for (let part = 0; part < parts; part++) module.integers(own + part * stride, 2).fill(0);
  module.parallel('runProgram', parts, block, lowered.count);
  module.backend.disposeData(arena.dataId);
  return outputs;
}
