// Panels for the micro-kernel: left rows by the tile, right columns in eights, k outermost, short panels filled with zeros.
import { TILE_ROWS } from './blocking';

/** Four rows of four, transposed in place of a store: out[k][row]. */
function transpose4(a0: usize, a1: usize, a2: usize, a3: usize, out: usize, step: usize): void {
  const r0 = v128.load(a0);
  const r1 = v128.load(a1);
  const r2 = v128.load(a2);
  const r3 = v128.load(a3);
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const t1 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const t2 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(t0, t1, 0, 2));
  v128.store(out + step, i64x2.shuffle(t0, t1, 1, 3));
  v128.store(out + 2 * step, i64x2.shuffle(t2, t3, 0, 2));
  v128.store(out + 3 * step, i64x2.shuffle(t2, t3, 1, 3));
}

/** Four lines that each run along k (4 bytes apart), woven into lanes of a panel `step` bytes wide. */
function packLines(a: usize, line: usize, k: i32, out: usize, step: usize): void {
  let a0 = a;
  let a1 = a0 + line;
  let a2 = a1 + line;
  let a3 = a2 + line;
  while (k >= 4) {
    transpose4(a0, a1, a2, a3, out, step);
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    out += 4 * step;
    k -= 4;
  }
  while (k > 0) {
    store<f32>(out, load<f32>(a0));
    store<f32>(out, load<f32>(a1), 4);
    store<f32>(out, load<f32>(a2), 8);
    store<f32>(out, load<f32>(a3), 12);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    out += step;
    k--;
  }
}

/** Any strides, and fewer lines than the panel is wide. */
function packSlowly(a: usize, line: usize, along: usize, lines: i32, k: i32, out: usize, width: i32): void {
  for (let q = 0; q < k; q++) {
    let p = a + <usize>q * along;
    for (let i = 0; i < lines; i++) {
      store<f32>(out, load<f32>(p));
      p += line;
      out += 4;
    }
    for (let i = lines; i < width; i++) {
      store<f32>(out, 0);
      out += 4;
    }
  }
}

/** Two lines as `packLines` takes four. */
function packTwoLines(a: usize, line: usize, k: i32, out: usize, step: usize): void {
  let a0 = a;
  let a1 = a0 + line;
  while (k >= 4) {
    const r0 = v128.load(a0);
    const r1 = v128.load(a1);
    const low = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
    const high = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
    v128.store_lane<u64>(out, low, 0);
    v128.store_lane<u64>(out + step, low, 1);
    v128.store_lane<u64>(out + 2 * step, high, 0);
    v128.store_lane<u64>(out + 3 * step, high, 1);
    a0 += 16;
    a1 += 16;
    out += 4 * step;
    k -= 4;
  }
  while (k > 0) {
    store<f32>(out, load<f32>(a0));
    store<f32>(out, load<f32>(a1), 4);
    a0 += 4;
    a1 += 4;
    out += step;
    k--;
  }
}

/** Rows of the left matrix: element (i, q) is at a + i·line + q·along. */
export function packLeft(a: usize, line: usize, along: usize, rows: i32, k: i32, out: usize): void {
  const step: usize = TILE_ROWS << 2;
  for (let i = 0; i < rows; i += TILE_ROWS) {
    const p = a + <usize>i * line;
    if (rows - i < TILE_ROWS) packSlowly(p, line, along, rows - i, k, out, TILE_ROWS);
    else if (along == 4) {
      packLines(p, line, k, out, step);
      if (TILE_ROWS == 6) packTwoLines(p + 4 * line, line, k, out + 16, step);
    } else if (line == 4) {
      let from = p;
      let to = out;
      for (let q = 0; q < k; q++) {
        v128.store(to, v128.load(from));
        if (TILE_ROWS == 6) store<u64>(to, load<u64>(from, 16), 16);
        from += along;
        to += step;
      }
    } else packSlowly(p, line, along, TILE_ROWS, k, out, TILE_ROWS);
    out += <usize>k * step;
  }
}

/** Sixteen columns that lie side by side, whole cache lines at a time, into two panels. */
function packPair(b: usize, along: usize, k: i32, out: usize, panel: usize): void {
  for (let q = 0; q < k; q++) {
    v128.store(out, v128.load(b));
    v128.store(out, v128.load(b, 16), 16);
    v128.store(out + panel, v128.load(b, 32));
    v128.store(out + panel, v128.load(b, 48), 16);
    b += along;
    out += 32;
  }
}

/** Columns of the right matrix: element (q, j) is at b + j·line + q·along. */
export function packRight(b: usize, line: usize, along: usize, columns: i32, k: i32, out: usize): void {
  const panel = (<usize>k) << 5;
  for (let j = 0; j < columns; j += 8) {
    const p = b + <usize>j * line;
    if (line == 4 && columns - j >= 16) {
      packPair(p, along, k, out, panel);
      out += panel;
      j += 8;
    } else if (columns - j < 8) packSlowly(p, line, along, columns - j, k, out, 8);
    else if (line == 4) {
      let from = p;
      let to = out;
      for (let q = 0; q < k; q++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += along;
        to += 32;
      }
    } else if (along == 4) {
      packLines(p, line, k, out, 32);
      packLines(p + 4 * line, line, k, out + 16, 32);
    } else packSlowly(p, line, along, 8, k, out, 8);
    out += panel;
  }
}
