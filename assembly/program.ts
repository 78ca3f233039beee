// A whole network as one call: instructions in memory, which every thread runs through, each its part of them.
import { activateValues, multiplyMaps, resizeBilinear } from './activations';
import { attentionPool, layerNorm, rowDots } from './attention';
import { affineColumns, columnSums } from './columns';
import { depthwiseConvolution } from './depthwise-forward';
import { depthwiseInputGradient } from './depthwise-input-gradient';
import { integerConvolution } from './integer-convolution';
import { integerPointwise } from './integer-product';
import { copyGrid, maxPool, sum } from './maps';
import { packedConvolution, packedPointwise } from './packed-convolution';
import { relu } from './pointwise';
import { strassenConvolution } from './strassen';
import { winogradConvolution } from './winograd';

/** Bytes of the head: arrived, turn, scratch, its stride, what has been claimed. */
const HEAD: usize = 64;

/** Bytes of an instruction: the kernel, its flags, and fourteen arguments. */
const INSTRUCTION: usize = 64;

/** Bytes at the head of a part's scratch: the instruction that it is at, whether it waits there, and the turn it waits for. */
const STATE: usize = 64;

/** Flags: every part takes its share (else the first does it all); all must have come so far before it begins. */
const SHARED: i32 = 1;
const AFTER_ALL: i32 = 2;

/** The bit at which the number of pieces of each share begins, in the flags. */
const PIECES: i32 = 8;

/** Turns of waiting, some tenths of a millisecond: to sleep costs more than any wait between kernels. */
const SPINS: i32 = 100000;

/** Counts a part in; true for the last, which lets the others go on. */
function arrive(at: usize, own: usize, parts: i32): bool {
  const turn = atomic.load<i32>(at, 4);
  store<i32>(own, turn, 8);
  if (atomic.add<i32>(at, 1) < parts - 1) return false;
  atomic.store<i32>(at, 0);
  atomic.store<i32>(at, turn + 1, 4);
  return true;
}

/** Whether all have come, after a while at the latest. */
function haveAllCome(at: usize, own: usize): bool {
  const turn = load<i32>(own, 8);
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(at, 4) != turn) return true;
  }
  return false;
}

/**
 * Runs the `count` instructions that follow the head at `at`; 1 when the others let it wait for long: the caller may sleep,
 * and calls again. (memory.atomic.wait loses local variables in the baseline compiler of V8 11.3, Node 20.)
 */
export function runProgram(at: usize, count: i32, part: i32, parts: i32): i32 {
  const own = load<usize>(at, 8) + <usize>part * load<usize>(at, 12);
  let waits = load<i32>(own, 4);
  for (let i = load<i32>(own); i < count; i++) {
    const p = at + HEAD + <usize>i * INSTRUCTION;
    const flags = load<i32>(p, 4);
    // Only where memory is shared can there be more than one.
    if (ASC_FEATURE_THREADS && flags & AFTER_ALL && parts > 1) {
      if ((waits || !arrive(at, own, parts)) && !haveAllCome(at, own)) {
        store<i32>(own, i);
        store<i32>(own, 1, 4);
        return 1;
      }
      waits = 0;
    }
    if (flags & SHARED) {
      const claimed = load<usize>(at, 16) + ((<usize>(i * parts)) << 2);
      if (parts > 1) share(p, own + STATE, claimed, flags >> PIECES, part, parts);
      else run(p, own + STATE, part, parts);
    } else if (part == 0) run(p, own + STATE, 0, 1);
  }
  return 0;
}

/** Counts a piece as taken; returns its number. (Without threads nobody calls it; it keeps the variants of the module alike, of which one is stored as what differs.) */
function claim(counter: usize): i32 {
  if (ASC_FEATURE_THREADS) return atomic.add<i32>(counter, 1);
  const piece = load<i32>(counter);
  store<i32>(counter, piece + 1);
  return piece;
}

/**
 * Runs the pieces of a part's share of an instruction, then what the others have left of theirs: a core that is busy with something else
 * for a while does not hold up all. `claimed` has the number of pieces that were taken of each share.
 */
function share(p: usize, s: usize, claimed: usize, pieces: i32, part: i32, parts: i32): void {
  for (let i = 0; i < parts; i++) {
    const owner = part + i < parts ? part + i : part + i - parts;
    const counter = claimed + ((<usize>owner) << 2);
    for (let piece = claim(counter); piece < pieces; piece = claim(counter)) {
      run(p, s, owner * pieces + piece, parts * pieces);
    }
  }
}

/** Argument i of an instruction. */
function arg(p: usize, i: usize): i32 {
  return load<i32>(p + (i << 2), 8);
}

/** The numbers of the kernels are their places in PROGRAM_KERNELS on the TypeScript side. */
function run(p: usize, s: usize, part: i32, parts: i32): void {
  const a = arg(p, 0);
  const b = arg(p, 1);
  const c = arg(p, 2);
  const d = arg(p, 3);
  const e = arg(p, 4);
  const f = arg(p, 5);
  const g = arg(p, 6);
  const h = arg(p, 7);
  const i = arg(p, 8);
  switch (load<i32>(p)) {
    case 0:
      packedPointwise(a, b, c, d, e, f, g, h, i, arg(p, 9), arg(p, 10), s, part, parts);
      break;
    case 1:
      packedConvolution(a, b, c, d, e, f, g, h, s, part, parts);
      break;
    case 2:
      depthwiseConvolution(a, b, c, d, e, f, part, parts);
      break;
    case 3:
      maxPool(a, b, c, part, parts);
      break;
    case 4:
      rowDots(a, b, c, d, e, f, part, parts);
      break;
    case 5:
      attentionPool(a, b, c, d, e, f, s, part, parts);
      break;
    case 6:
      layerNorm(a, b, c, d, e, f, load<f32>(p, 32), h);
      break;
    case 7:
      sum(a, b, c, d, e, f, g, h, part, parts);
      break;
    case 8:
      depthwiseInputGradient(a, b, c, d, e, f, part, parts);
      break;
    case 9:
      copyGrid(a, b, c, d, e, f, g, h, i, part, parts);
      break;
    case 10:
      affineColumns(a, b, c, d, e, f, g, part, parts);
      break;
    case 11:
      relu(a, b, c, part, parts);
      break;
    case 12:
      columnSums(a, b, c, d, load<f32>(p, 24), part, parts);
      break;
    case 15:
      activateValues(a, b, c, d, part, parts);
      break;
    case 16:
      multiplyMaps(a, b, c, d, e, f, part, parts);
      break;
    case 17:
      resizeBilinear(a, b, c, load<f32>(p, 20), load<f32>(p, 24), load<f32>(p, 28), part, parts);
      break;
    case 14:
      integerPointwise(a, b, c, d, e, f, g, h, i, arg(p, 9), arg(p, 10), s, part, parts);
      break;
    case 18:
      integerConvolution(a, b, c, d, e, f, g, h, s, part, parts);
      break;
    case 19:
      strassenConvolution(a, b, c, d, e, f, g, h, i, s, part, parts);
      break;
    case 13:
      winogradConvolution(a, b, c, d, e, f, g, h, i, arg(p, 9), arg(p, 10), s, part, parts);
      break;
  }
}
