import { TILE_ROWS, panelsTogether } from './blocking';
import { activated, madd, touch } from './vector';

/**
 * A tile of the product of a packed left and a packed right panel, and what lies at `first` (0 for nothing), then what `multiplyPanels` says. Not unrolled over k,
 * which would cost registers. Sums of blocks are added at the end, which keeps the rounding error of long products small.
 */
function tile4(
  left: usize,
  right: usize,
  k: i32,
  c: usize,
  ldc: usize,
  first: usize,
  ldf: usize,
  bias: usize,
  more: usize,
  activation: i32,
): void {
  const row1 = c + ldc;
  const row2 = row1 + ldc;
  const row3 = row2 + ldc;
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  if (more) {
    touch(more);
    touch(more + ldc);
    touch(more + 2 * ldc);
    touch(more + 3 * ldc);
  }
  while (k > 0) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    let a = v128.load_splat<f32>(left);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load_splat<f32>(left, 4);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load_splat<f32>(left, 8);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load_splat<f32>(left, 12);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    left += 16;
    right += 32;
    k--;
  }
  if (first) {
    c00 = f32x4.add(c00, v128.load(first));
    c01 = f32x4.add(c01, v128.load(first, 16));
    first += ldf;
    c10 = f32x4.add(c10, v128.load(first));
    c11 = f32x4.add(c11, v128.load(first, 16));
    first += ldf;
    c20 = f32x4.add(c20, v128.load(first));
    c21 = f32x4.add(c21, v128.load(first, 16));
    first += ldf;
    c30 = f32x4.add(c30, v128.load(first));
    c31 = f32x4.add(c31, v128.load(first, 16));
  }
  if (bias) {
    const b0 = v128.load(bias);
    const b1 = v128.load(bias, 16);
    c00 = f32x4.add(c00, b0);
    c01 = f32x4.add(c01, b1);
    c10 = f32x4.add(c10, b0);
    c11 = f32x4.add(c11, b1);
    c20 = f32x4.add(c20, b0);
    c21 = f32x4.add(c21, b1);
    c30 = f32x4.add(c30, b0);
    c31 = f32x4.add(c31, b1);
  }
  if (more) {
    c00 = f32x4.add(c00, v128.load(more));
    c01 = f32x4.add(c01, v128.load(more, 16));
    more += ldc;
    c10 = f32x4.add(c10, v128.load(more));
    c11 = f32x4.add(c11, v128.load(more, 16));
    more += ldc;
    c20 = f32x4.add(c20, v128.load(more));
    c21 = f32x4.add(c21, v128.load(more, 16));
    more += ldc;
    c30 = f32x4.add(c30, v128.load(more));
    c31 = f32x4.add(c31, v128.load(more, 16));
  }
  if (activation) {
    const zero = f32x4.splat(0);
    c00 = f32x4.pmax(c00, zero);
    c01 = f32x4.pmax(c01, zero);
    c10 = f32x4.pmax(c10, zero);
    c11 = f32x4.pmax(c11, zero);
    c20 = f32x4.pmax(c20, zero);
    c21 = f32x4.pmax(c21, zero);
    c30 = f32x4.pmax(c30, zero);
    c31 = f32x4.pmax(c31, zero);
  }
  if (activation == 2) {
    const six = f32x4.splat(6);
    c00 = f32x4.min(c00, six);
    c01 = f32x4.min(c01, six);
    c10 = f32x4.min(c10, six);
    c11 = f32x4.min(c11, six);
    c20 = f32x4.min(c20, six);
    c21 = f32x4.min(c21, six);
    c30 = f32x4.min(c30, six);
    c31 = f32x4.min(c31, six);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(row1, c10);
  v128.store(row1, c11, 16);
  v128.store(row2, c20);
  v128.store(row2, c21, 16);
  v128.store(row3, c30);
  v128.store(row3, c31, 16);
}

/** As `tile4`, of six rows. */
function tile6(
  left: usize,
  right: usize,
  k: i32,
  c: usize,
  ldc: usize,
  first: usize,
  ldf: usize,
  bias: usize,
  more: usize,
  activation: i32,
): void {
  const row1 = c + ldc;
  const row2 = row1 + ldc;
  const row3 = row2 + ldc;
  const row4 = row3 + ldc;
  const row5 = row4 + ldc;
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  if (more) {
    touch(more);
    touch(more + ldc);
    touch(more + 2 * ldc);
    touch(more + 3 * ldc);
    touch(more + 4 * ldc);
    touch(more + 5 * ldc);
  }
  while (k > 0) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    let a = v128.load_splat<f32>(left);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load_splat<f32>(left, 4);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load_splat<f32>(left, 8);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load_splat<f32>(left, 12);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    a = v128.load_splat<f32>(left, 16);
    c40 = madd(a, b0, c40);
    c41 = madd(a, b1, c41);
    a = v128.load_splat<f32>(left, 20);
    c50 = madd(a, b0, c50);
    c51 = madd(a, b1, c51);
    left += 24;
    right += 32;
    k--;
  }
  if (first) {
    c00 = f32x4.add(c00, v128.load(first));
    c01 = f32x4.add(c01, v128.load(first, 16));
    first += ldf;
    c10 = f32x4.add(c10, v128.load(first));
    c11 = f32x4.add(c11, v128.load(first, 16));
    first += ldf;
    c20 = f32x4.add(c20, v128.load(first));
    c21 = f32x4.add(c21, v128.load(first, 16));
    first += ldf;
    c30 = f32x4.add(c30, v128.load(first));
    c31 = f32x4.add(c31, v128.load(first, 16));
    first += ldf;
    c40 = f32x4.add(c40, v128.load(first));
    c41 = f32x4.add(c41, v128.load(first, 16));
    first += ldf;
    c50 = f32x4.add(c50, v128.load(first));
    c51 = f32x4.add(c51, v128.load(first, 16));
  }
  if (bias) {
    const b0 = v128.load(bias);
    const b1 = v128.load(bias, 16);
    c00 = f32x4.add(c00, b0);
    c01 = f32x4.add(c01, b1);
    c10 = f32x4.add(c10, b0);
    c11 = f32x4.add(c11, b1);
    c20 = f32x4.add(c20, b0);
    c21 = f32x4.add(c21, b1);
    c30 = f32x4.add(c30, b0);
    c31 = f32x4.add(c31, b1);
    c40 = f32x4.add(c40, b0);
    c41 = f32x4.add(c41, b1);
    c50 = f32x4.add(c50, b0);
    c51 = f32x4.add(c51, b1);
  }
  if (more) {
    c00 = f32x4.add(c00, v128.load(more));
    c01 = f32x4.add(c01, v128.load(more, 16));
    more += ldc;
    c10 = f32x4.add(c10, v128.load(more));
    c11 = f32x4.add(c11, v128.load(more, 16));
    more += ldc;
    c20 = f32x4.add(c20, v128.load(more));
    c21 = f32x4.add(c21, v128.load(more, 16));
    more += ldc;
    c30 = f32x4.add(c30, v128.load(more));
    c31 = f32x4.add(c31, v128.load(more, 16));
    more += ldc;
    c40 = f32x4.add(c40, v128.load(more));
    c41 = f32x4.add(c41, v128.load(more, 16));
    more += ldc;
    c50 = f32x4.add(c50, v128.load(more));
    c51 = f32x4.add(c51, v128.load(more, 16));
  }
  if (activation) {
    const zero = f32x4.splat(0);
    c00 = f32x4.pmax(c00, zero);
    c01 = f32x4.pmax(c01, zero);
    c10 = f32x4.pmax(c10, zero);
    c11 = f32x4.pmax(c11, zero);
    c20 = f32x4.pmax(c20, zero);
    c21 = f32x4.pmax(c21, zero);
    c30 = f32x4.pmax(c30, zero);
    c31 = f32x4.pmax(c31, zero);
    c40 = f32x4.pmax(c40, zero);
    c41 = f32x4.pmax(c41, zero);
    c50 = f32x4.pmax(c50, zero);
    c51 = f32x4.pmax(c51, zero);
  }
  if (activation == 2) {
    const six = f32x4.splat(6);
    c00 = f32x4.min(c00, six);
    c01 = f32x4.min(c01, six);
    c10 = f32x4.min(c10, six);
    c11 = f32x4.min(c11, six);
    c20 = f32x4.min(c20, six);
    c21 = f32x4.min(c21, six);
    c30 = f32x4.min(c30, six);
    c31 = f32x4.min(c31, six);
    c40 = f32x4.min(c40, six);
    c41 = f32x4.min(c41, six);
    c50 = f32x4.min(c50, six);
    c51 = f32x4.min(c51, six);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(row1, c10);
  v128.store(row1, c11, 16);
  v128.store(row2, c20);
  v128.store(row2, c21, 16);
  v128.store(row3, c30);
  v128.store(row3, c31, 16);
  v128.store(row4, c40);
  v128.store(row4, c41, 16);
  v128.store(row5, c50);
  v128.store(row5, c51, 16);
}

/** A tile of TILE_ROWS rows and eight columns. */
export function tile(
  left: usize,
  right: usize,
  k: i32,
  c: usize,
  ldc: usize,
  first: usize,
  ldf: usize,
  bias: usize,
  more: usize,
  activation: i32,
): void {
  if (TILE_ROWS == 6) tile6(left, right, k, c, ldc, first, ldf, bias, more, activation);
  else tile4(left, right, k, c, ldc, first, ldf, bias, more, activation);
}

/** One column of a tile, to where `tile` has it in `spare`: of the columns that 17 keypoints leave, a whole tile would form seven in vain. */
function column(left: usize, right: usize, k: i32, spare: usize): void {
  const step: usize = TILE_ROWS << 2;
  let even = f32x4.splat(0);
  let odd = even;
  let lowEven = even;
  let lowOdd = even;
  for (; k > 1; k -= 2) {
    let b = v128.load_splat<f32>(right);
    even = madd(v128.load(left), b, even);
    if (TILE_ROWS == 6) lowEven = madd(v128.load(left, 8), b, lowEven);
    left += step;
    b = v128.load_splat<f32>(right, 32);
    odd = madd(v128.load(left), b, odd);
    if (TILE_ROWS == 6) lowOdd = madd(v128.load(left, 8), b, lowOdd);
    left += step;
    right += 64;
  }
  if (k > 0) {
    const b = v128.load_splat<f32>(right);
    even = madd(v128.load(left), b, even);
    if (TILE_ROWS == 6) lowEven = madd(v128.load(left, 8), b, lowEven);
  }
  even = f32x4.add(even, odd);
  store<f32>(spare, f32x4.extract_lane(even, 0));
  store<f32>(spare, f32x4.extract_lane(even, 1), 32);
  store<f32>(spare, f32x4.extract_lane(even, 2), 64);
  store<f32>(spare, f32x4.extract_lane(even, 3), 96);
  if (TILE_ROWS == 6) {
    lowEven = f32x4.add(lowEven, lowOdd);
    store<f32>(spare, f32x4.extract_lane(lowEven, 2), 128);
    store<f32>(spare, f32x4.extract_lane(lowEven, 3), 160);
  }
}

/** As `tile`, of which only `rows` by `columns` lie inside the result, by way of a whole tile in `spare` (TILE_BYTES). */
export function edge(
  left: usize,
  right: usize,
  k: i32,
  c: usize,
  ldc: usize,
  first: usize,
  ldf: usize,
  bias: usize,
  more: usize,
  activation: i32,
  rows: i32,
  columns: i32,
  spare: usize,
): void {
  if (columns == 1) column(left, right, k, spare);
  else tile(left, right, k, spare, 32, 0, 0, 0, 0, 0);
  for (let i = 0; i < rows; i++) {
    const line = <usize>i * ldc;
    for (let j = 0; j < columns; j++) {
      const at = (<usize>j) << 2;
      let v = load<f32>(spare + ((<usize>i) << 5) + at);
      if (first) v += load<f32>(first + <usize>i * ldf + at);
      if (bias) v += load<f32>(bias + at);
      if (more) v += load<f32>(more + line + at);
      store<f32>(c + line + at, activated(v, activation));
    }
  }
}

/**
 * c[rows, columns] = activation((c +) packed left · packed right + bias + more): `bias` is a row, `more` a matrix that lies
 * as c does, and 0 leaves either out; activation: 0 nothing, 1 relu, 2 relu6.
 */
export function multiplyPanels(
  left: usize,
  right: usize,
  k: i32,
  c: usize,
  ldc: usize,
  rows: i32,
  columns: i32,
  accumulate: bool,
  bias: usize,
  more: usize,
  activation: i32,
  scratch: usize,
): void {
  const group = panelsTogether(k) << 3;
  for (let first = 0; first < columns; first += group) {
    const last = min(columns, first + group);
    for (let i = 0; i < rows; i += TILE_ROWS) {
      const a = left + ((<usize>i * <usize>k) << 2);
      const high = min(TILE_ROWS, rows - i);
      for (let j = first; j < last; j += 8) {
        const b = right + ((<usize>j * <usize>k) << 2);
        const at = (<usize>j) << 2;
        const line = <usize>i * ldc + at;
        const biases = bias ? bias + at : 0;
        const addend = more ? more + line : 0;
        const wide = min(8, columns - j);
        const sums = accumulate ? c + line : 0;
        const to = c + line;
        if (wide == 8 && high == TILE_ROWS) tile(a, b, k, to, ldc, sums, ldc, biases, addend, activation);
        else edge(a, b, k, to, ldc, sums, ldc, biases, addend, activation, high, wide, scratch);
      }
    }
  }
}
