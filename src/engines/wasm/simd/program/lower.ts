import { isPointwise, readsOf, type Program, type ProgramStep, type Window } from '../../../program';
import { piecesOf, sharing } from '../simd-module';
import { tileChannels, tileOf, winogradBlock } from '../winograd';
import { BLOCK, encode, type Argument, type Encoded, type Instruction, type ProgramKernel } from './instructions';
import { formOf, isInteger, isStrassen, type Packed } from './packed';
import { placeValues, sizeOf, type Places, type Shape } from './places';
import { scratchBytes } from './scratch';

/** Number of multiplications below which synchronising threads costs more than it saves. */
const LEAST_WORK = 30_000;

/** Kernels of which each piece repeats a part of the others' work. */
const REPEATING: ReadonlySet<ProgramKernel> = /* @__PURE__ */ new Set(['attentionPool'] as const);

/** A program for one batch size, complete except for the addresses. */
export interface Lowered extends Encoded {
  /** The outputs for the whole batch. */
  readonly outputs: readonly { readonly name: string; readonly shape: number[] }[];
  readonly arenaBytes: number;
  /** Scratch bytes of each thread. */
  readonly scratch: number;
}

interface Draft extends Pick<Instruction, 'kernel' | 'args'> {
  /** Number of elementary operations. */
  readonly work: number;
  /** Reads the output of the step's previous instruction; otherwise the instructions of a step are independent. */
  readonly follows?: true;
}

/** The instructions of a program for a batch size. */
export function lower(program: Program, batch: number, packed: Packed): Lowered {
  const shapes = new Map([...program.inputs, ...program.steps].map(({ name, shape }) => [name, shape]));
  const places = placeValues(program, batch);
  const tables: number[] = [];
  const instructions: Instruction[] = [];
  let scratch = 0;
  for (const step of program.steps) {
    scratch = Math.max(scratch, scratchBytes(step, shapes, packed));
    const reads = readsOf(step).flatMap((name) => places.ranges.get(name) ?? []);
    const writes = places.ranges.get(step.name)!;
    for (const { kernel, args, work, follows } of drafts(step, batch, shapes, packed, places.at, tables)) {
      const shared = work >= Math.min(LEAST_WORK, sharing.leastWork) && kernel !== 'layerNorm';
      const pieces = REPEATING.has(kernel) ? 1 : piecesOf(work);
      instructions.push({ kernel, args, shared, pieces, reads, writes: follows ? { ...writes } : writes });
    }
  }
  const outputs = program.outputs.map((name) => ({ name, shape: [batch, ...shapes.get(name)!] }));
  return { outputs, ...encode(instructions, tables), arenaBytes: places.arenaBytes, scratch };
}

/** The sizes of a window's kernel, in the order of `assembly/geometry.ts`. */
function table(batch: number, from: Shape, to: Shape, { filter, stride, dilation, pad }: Window): number[] {
  return [batch, ...from, ...to, ...filter, stride, stride, dilation, dilation, ...pad];
}

/** The kernels of a step. */
function drafts(
  { name, shape, op }: ProgramStep,
  batch: number,
  shapes: ReadonlyMap<string, Shape>,
  packed: Packed,
  at: Places['at'],
  tables: number[],
): Draft[] {
  const y = at(name);
  const [height, width, channels] = shape;
  const pixels = height * width;
  const size = batch * sizeOf(shape);
  const geometry = (from: Shape, to: Shape, window: Window): Argument => {
    tables.push(...table(batch, from, to, window));
    return { base: BLOCK, offset: 4 * (tables.length - 15) };
  };
  const shapeOf = (value: string): Shape => shapes.get(value)!;
  /** Copies a map to sub-pixel `i` of y, which has `times` its height and width. */
  const toSubPixel = (part: string, i: number, times: number): Draft => {
    const pixel = 4 * channels;
    const row = pixel * width;
    const to = moved(y, Math.floor(i / times) * row + (i % times) * pixel);
    const [columns, rows] = [width / times, (batch * height) / times];
    const args = [at(part), row / times, pixel, to, times * row, times * pixel, pixel, columns, rows];
    return { kernel: 'copyGrid', args, work: size / times ** 2 };
  };
  switch (op.kind) {
    case 'conv': {
      const from = shapeOf(op.x);
      const [filterHeight, filterWidth] = op.window.filter;
      const depth = filterHeight * filterWidth * from[2];
      const work = size * depth;
      const [before, after] = [
        [at(op.x), at(op.filter), y],
        [at(op.bias), at(op.row), at(op.more), op.activation],
      ];
      const pointwise = isPointwise(op.window, from, shape);
      const form = formOf(packed, op.filter);
      if (form) {
        const block = winogradBlock(tileChannels(from[2], channels, form), form);
        const args = [...before, geometry(from, shape, op.window), ...tileOf(form), block, ...after];
        return [{ kernel: 'winogradConvolution', args, work }];
      }
      if (isStrassen(packed, op.filter)) {
        const args = [...before, geometry(from, shape, op.window), ...after, Number(pointwise)];
        return [{ kernel: 'strassenConvolution', args, work }];
      }
      const whole = isInteger(packed, op.filter);
      if (pointwise) {
        const args = [...before, batch, pixels, depth, channels, ...after];
        return [{ kernel: whole ? 'integerPointwise' : 'packedPointwise', args, work }];
      }
      const args = [...before, geometry(from, shape, op.window), ...after];
      return [{ kernel: whole ? 'integerConvolution' : 'packedConvolution', args, work }];
    }
    case 'dots': {
      const depth = shapeOf(op.x)[2];
      const args = [at(op.x), at(op.filter), at(op.bias), y, batch * pixels, depth];
      return [{ kernel: 'rowDots', args, work: size * depth }];
    }
    case 'depthwise': {
      const [filterHeight, filterWidth] = op.window.filter;
      const args = [at(op.x), at(op.filter), y, geometry(shapeOf(op.x), shape, op.window), at(op.bias), op.activation];
      return [{ kernel: 'depthwiseConvolution', args, work: size * filterHeight * filterWidth }];
    }
    case 'depthwiseTranspose': {
      const from = shapeOf(op.x);
      const args = [at(op.x), at(op.filter), y, geometry(shape, from, op.window)];
      const kernel = 'depthwiseInputGradient';
      if (from[2] <= 2 * channels) return [{ kernel, args: [...args, at(op.bias), op.activation], work: 4 * size }];
      const after = [y, 0, at(op.bias), y, 1, batch * pixels, channels, op.activation];
      return [
        { kernel, args: [...args, 0, 0], work: 4 * size },
        { kernel: 'sum', args: after, work: size, follows: true },
      ];
    }
    case 'maxPool':
      return [{ kernel: 'maxPool', args: [at(op.x), y, geometry(shapeOf(op.x), shape, op.window)], work: 4 * size }];
    case 'attentionPool': {
      const from = shapeOf(op.x);
      const args = [at(op.x), at(op.logits), y, batch, from[0] * from[1], channels];
      return [{ kernel: 'attentionPool', args, work: batch * sizeOf(from) }];
    }
    case 'layerNorm': {
      const args = [at(op.x), at(op.scale), at(op.offset), y, batch * pixels, channels, { float: op.epsilon }, 0];
      return [{ kernel: 'layerNorm', args, work: size }];
    }
    case 'sum': {
      const args = [at(op.x), at(op.more), at(op.row), y, batch, pixels, channels, op.activation];
      return [{ kernel: 'sum', args, work: size }];
    }
    case 'affine': {
      const args = [at(op.x), at(op.scale), at(op.offset), y, batch * pixels, channels, op.activation];
      return [{ kernel: 'affineColumns', args, work: size }];
    }
    case 'relu':
      return [{ kernel: 'relu', args: [at(op.x), y, size], work: size }];
    case 'activation': {
      const kind = ['sigmoid', 'silu', 'tanh'].indexOf(op.activation);
      return [{ kernel: 'activateValues', args: [at(op.x), y, size, kind], work: 8 * size }];
    }
    case 'multiply': {
      const isRow = sizeOf(shapeOf(op.by)) !== sizeOf(shape);
      const args = [at(op.x), at(op.by), y, batch * pixels, isRow ? pixels : 0, channels];
      return [{ kernel: 'multiplyMaps', args, work: size }];
    }
    case 'resize': {
      const window: Window = { filter: [1, 1], stride: 1, dilation: 1, pad: [0, 0] };
      const reals = [...op.scale, op.offset].map((float) => ({ float }));
      const args = [at(op.x), y, geometry(shapeOf(op.x), shape, window), ...reals];
      return [{ kernel: 'resizeBilinear', args, work: 8 * size }];
    }
    case 'mean': {
      const from = shapeOf(op.x);
      const count = from[0] * from[1];
      return Array.from({ length: batch }, (_, n) => {
        const args = [
          moved(at(op.x), 4 * n * sizeOf(from)),
          moved(y, 4 * n * channels),
          count,
          channels,
          { float: 1 / count },
        ];
        return { kernel: 'columnSums' as const, args, work: sizeOf(from) };
      });
    }
    case 'concat': {
      let before = 0;
      return op.parts.map((part) => {
        const bytes = 4 * shapeOf(part)[2];
        const args = [at(part), bytes, bytes, moved(y, before), 4 * channels, 4 * channels, bytes, 1, batch * pixels];
        before += bytes;
        return { kernel: 'copyGrid' as const, args, work: size / op.parts.length };
      });
    }
    case 'interleave':
      return op.parts.map((part, i) => toSubPixel(part, i, 2));
    case 'channels': {
      const [from, to] = [4 * shapeOf(op.x)[2], 4 * channels];
      const args = [moved(at(op.x), 4 * op.from), from, from, y, to, to, to, 1, batch * pixels];
      return [{ kernel: 'copyGrid', args, work: size }];
    }
    case 'shuffle': {
      const [row, each] = [4 * channels, (4 * channels) / op.groups];
      return Array.from({ length: op.groups }, (_, g) => {
        const args = [
          moved(at(op.x), g * each),
          row,
          4,
          moved(y, 4 * g),
          row,
          4 * op.groups,
          4,
          each / 4,
          batch * pixels,
        ];
        return { kernel: 'copyGrid' as const, args, work: size };
      });
    }
    case 'upsample':
      return Array.from({ length: op.size ** 2 }, (_, i) => toSubPixel(op.x, i, op.size));
  }
}

function moved(place: Argument, bytes: number): Argument {
  return typeof place === 'object' && 'base' in place ? { base: place.base, offset: place.offset + bytes } : place;
}
