import { DEPTH, LEFT_BYTES, TILE_BYTES, TILE_ROWS, leftRows } from './blocking';
import { packLeft, packRight } from './pack';
import { multiplyPanels } from './tile';
import { splitAt } from './vector';

/**
 * c[rows, columns] = activation((c +) a · b + bias + more) for depth `k` ≤ DEPTH, the right side packed;
 * scratch: TILE_BYTES + LEFT_BYTES.
 */
export function multiplyBlock(
  a: usize,
  lineA: usize,
  alongA: usize,
  right: usize,
  c: usize,
  ldc: usize,
  rows: i32,
  columns: i32,
  k: i32,
  accumulate: bool,
  bias: usize,
  more: usize,
  activation: i32,
  scratch: usize,
): void {
  const left = scratch + TILE_BYTES;
  const step = leftRows(k);
  for (let i = 0; i < rows; i += step) {
    const high = min(step, rows - i);
    packLeft(a + <usize>i * lineA, lineA, alongA, high, k, left);
    const line = <usize>i * ldc;
    const addend = more ? more + line : 0;
    multiplyPanels(left, right, k, c + line, ldc, high, columns, accumulate, bias, addend, activation, scratch);
  }
}

/**
 * c[m, n] = activation(a · b + bias). a(i, q) is at a + i·lineA + q·alongA, b(q, j) at b + q·alongB + j·lineB, so any
 * transpose is a choice of strides. The longer side of c is split between the parts.
 * Scratch: TILE_BYTES + LEFT_BYTES + ⌈n/8⌉·8·min(k, DEPTH) floats.
 */
export function matrixProduct(
  a: usize,
  lineA: usize,
  alongA: usize,
  b: usize,
  lineB: usize,
  alongB: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  bias: usize,
  activation: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const byRows = m >= n;
  const top = byRows ? splitAt(m, part, parts, TILE_ROWS) : 0;
  const bottom = byRows ? splitAt(m, part + 1, parts, TILE_ROWS) : m;
  const from = byRows ? 0 : splitAt(n, part, parts, 8);
  const to = byRows ? n : splitAt(n, part + 1, parts, 8);
  if (top >= bottom || from >= to) return;
  const ldc = (<usize>n) << 2;
  const right = scratch + TILE_BYTES + LEFT_BYTES;
  const out = c + <usize>top * ldc + ((<usize>from) << 2);
  for (let q = 0; q < k; q += DEPTH) {
    const depth = min(DEPTH, k - q);
    const last = q + depth == k;
    packRight(b + <usize>q * alongB + <usize>from * lineB, lineB, alongB, to - from, depth, right);
    multiplyBlock(
      a + <usize>top * lineA + <usize>q * alongA,
      lineA,
      alongA,
      right,
      out,
      ldc,
      bottom - top,
      to - from,
      depth,
      q > 0,
      last && bias ? bias + ((<usize>from) << 2) : 0,
      0,
      last ? activation : 0,
      scratch,
    );
  }
}

/**
 * As many products as `matrixProduct` forms one, for small matrices: the next ones lie `nextA` and `nextB` bytes further, those of c follow one another. Whole
 * products are split between the parts.
 */
export function matrixProducts(
  a: usize,
  nextA: usize,
  lineA: usize,
  alongA: usize,
  b: usize,
  nextB: usize,
  lineB: usize,
  alongB: usize,
  c: usize,
  count: i32,
  m: i32,
  n: i32,
  k: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const nextC = (<usize>(m * n)) << 2;
  const last = splitAt(count, part + 1, parts, 1);
  for (let i = splitAt(count, part, parts, 1); i < last; i++) {
    const left = a + <usize>i * nextA;
    const right = b + <usize>i * nextB;
    matrixProduct(left, lineA, alongA, right, lineB, alongB, c + <usize>i * nextC, m, n, k, 0, 0, scratch, 0, 1);
  }
}
