// Tiles of a matrix product whose left rows lie as they are, not packed.
import { TILE_ROWS } from './blocking';
import { madd } from './vector';

/** c = a · b for four rows of depth `k`, `lda` bytes apart, and a packed panel of eight columns; rows of c `ldc` apart. */
function rowTile4(a0: usize, lda: usize, b: usize, k: i32, c: usize, ldc: usize): void {
  let a1 = a0 + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  while (k > 0) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let a = v128.load_splat<f32>(a0);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load_splat<f32>(a1);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load_splat<f32>(a2);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load_splat<f32>(a3);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += 32;
    k--;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store((c += ldc), c10);
  v128.store(c, c11, 16);
  v128.store((c += ldc), c20);
  v128.store(c, c21, 16);
  v128.store((c += ldc), c30);
  v128.store(c, c31, 16);
}

/** As `rowTile4`, of six rows. */
function rowTile6(a0: usize, lda: usize, b: usize, k: i32, c: usize, ldc: usize): void {
  let a1 = a0 + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let a4 = a3 + lda;
  let a5 = a4 + lda;
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
  while (k > 0) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let a = v128.load_splat<f32>(a0);
    c00 = madd(a, b0, c00);
    c01 = madd(a, b1, c01);
    a = v128.load_splat<f32>(a1);
    c10 = madd(a, b0, c10);
    c11 = madd(a, b1, c11);
    a = v128.load_splat<f32>(a2);
    c20 = madd(a, b0, c20);
    c21 = madd(a, b1, c21);
    a = v128.load_splat<f32>(a3);
    c30 = madd(a, b0, c30);
    c31 = madd(a, b1, c31);
    a = v128.load_splat<f32>(a4);
    c40 = madd(a, b0, c40);
    c41 = madd(a, b1, c41);
    a = v128.load_splat<f32>(a5);
    c50 = madd(a, b0, c50);
    c51 = madd(a, b1, c51);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    b += 32;
    k--;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store((c += ldc), c10);
  v128.store(c, c11, 16);
  v128.store((c += ldc), c20);
  v128.store(c, c21, 16);
  v128.store((c += ldc), c30);
  v128.store(c, c31, 16);
  v128.store((c += ldc), c40);
  v128.store(c, c41, 16);
  v128.store((c += ldc), c50);
  v128.store(c, c51, 16);
}

/**
 * c[rows, columns] = a[rows, k] · packed b, the rows of a `lda` bytes apart, columns a multiple of eight. Rows up to the next multiple of TILE_ROWS
 * are read and written.
 */
export function multiplyRows(a: usize, lda: usize, b: usize, c: usize, rows: i32, columns: i32, k: i32): void {
  const ldc = (<usize>columns) << 2;
  for (let j = 0; j < columns; j += 8) {
    const panel = b + ((<usize>j * <usize>k) << 2);
    const out = c + ((<usize>j) << 2);
    let i = 0;
    if (TILE_ROWS == 6) {
      for (; i + 4 < rows; i += 6) rowTile6(a + <usize>i * lda, lda, panel, k, out + <usize>i * ldc, ldc);
    }
    for (; i < rows; i += 4) rowTile4(a + <usize>i * lda, lda, panel, k, out + <usize>i * ldc, ldc);
  }
}

/** Σ over rows of aᵀ · b for four columns of a and eight of b, whose rows are `lda` and `ldb` bytes apart, added to c. */
function outerTile4(a: usize, lda: usize, b: usize, ldb: usize, rows: i32, c: usize, ldc: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  while (rows > 0) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    c00 = madd(s, b0, c00);
    c01 = madd(s, b1, c01);
    s = v128.load_splat<f32>(a, 4);
    c10 = madd(s, b0, c10);
    c11 = madd(s, b1, c11);
    s = v128.load_splat<f32>(a, 8);
    c20 = madd(s, b0, c20);
    c21 = madd(s, b1, c21);
    s = v128.load_splat<f32>(a, 12);
    c30 = madd(s, b0, c30);
    c31 = madd(s, b1, c31);
    a += lda;
    b += ldb;
    rows--;
  }
  addPair(c, c00, c01);
  addPair((c += ldc), c10, c11);
  addPair((c += ldc), c20, c21);
  addPair((c += ldc), c30, c31);
}

/** As `outerTile4`, of six columns of a. */
function outerTile6(a: usize, lda: usize, b: usize, ldb: usize, rows: i32, c: usize, ldc: usize): void {
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
  while (rows > 0) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    c00 = madd(s, b0, c00);
    c01 = madd(s, b1, c01);
    s = v128.load_splat<f32>(a, 4);
    c10 = madd(s, b0, c10);
    c11 = madd(s, b1, c11);
    s = v128.load_splat<f32>(a, 8);
    c20 = madd(s, b0, c20);
    c21 = madd(s, b1, c21);
    s = v128.load_splat<f32>(a, 12);
    c30 = madd(s, b0, c30);
    c31 = madd(s, b1, c31);
    s = v128.load_splat<f32>(a, 16);
    c40 = madd(s, b0, c40);
    c41 = madd(s, b1, c41);
    s = v128.load_splat<f32>(a, 20);
    c50 = madd(s, b0, c50);
    c51 = madd(s, b1, c51);
    a += lda;
    b += ldb;
    rows--;
  }
  addPair(c, c00, c01);
  addPair((c += ldc), c10, c11);
  addPair((c += ldc), c20, c21);
  addPair((c += ldc), c30, c31);
  addPair((c += ldc), c40, c41);
  addPair((c += ldc), c50, c51);
}

function addPair(at: usize, low: v128, high: v128): void {
  v128.store(at, f32x4.add(v128.load(at), low));
  v128.store(at, f32x4.add(v128.load(at, 16), high), 16);
}

/** c[k, columns] += aᵀ · b for a [rows, k] and b [rows, columns]; k a multiple of four, columns of eight. */
export function addOuter(a: usize, b: usize, c: usize, rows: i32, columns: i32, k: i32): void {
  const lda = (<usize>k) << 2;
  const ldb = (<usize>columns) << 2;
  for (let j = 0; j < columns; j += 8) {
    const right = b + ((<usize>j) << 2);
    const out = c + ((<usize>j) << 2);
    let i = 0;
    if (TILE_ROWS == 6) {
      // Sixes as long as what they leave divides by four.
      for (; k - i >= 6 && k - i != 8; i += 6) {
        outerTile6(a + ((<usize>i) << 2), lda, right, ldb, rows, out + <usize>i * ldb, ldb);
      }
    }
    for (; i < k; i += 4) outerTile4(a + ((<usize>i) << 2), lda, right, ldb, rows, out + <usize>i * ldb, ldb);
  }
}
