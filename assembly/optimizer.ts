// The steps of the optimisers over all weights in one call. A weight is an entry of 32 bytes: the addresses of its values,
// its gradient and up to three running values, its count, then two floats, the size of its step and the factor by which
// its values decay before it. Each weight is split between the parts.
import { madd, splitAt } from './vector';

const ENTRY: usize = 32;

/** Where the arrays of one entry begin for a part, as an offset in bytes, and how many values the part has of it. */
function beginOf(entry: usize, part: i32, parts: i32): i32 {
  return splitAt(load<i32>(entry, 20), part, parts, 16);
}

/** decay·before + rest·v */
function mean4(before: v128, v: v128, decay: v128, rest: v128): v128 {
  return madd(v, rest, f32x4.mul(before, decay));
}

/**
 * Adam and its kin: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← keep·x − step·m / (√v·scale + ε); without `divides`
 * x ← keep·x − step·m.
 */
export function adaptiveStep(
  entries: usize,
  count: i32,
  beta1: f64,
  beta2: f64,
  scale: f64,
  epsilon: f64,
  divides: i32,
  part: i32,
  parts: i32,
): void {
  const b1: f32 = <f32>beta1;
  const b2: f32 = <f32>beta2;
  const r1: f32 = <f32>(1 - beta1);
  const r2: f32 = <f32>(1 - beta2);
  const factor: f32 = <f32>scale;
  const least: f32 = <f32>epsilon;
  const b1s = f32x4.splat(b1);
  const b2s = f32x4.splat(b2);
  const r1s = f32x4.splat(r1);
  const r2s = f32x4.splat(r2);
  const factors = f32x4.splat(factor);
  const leasts = f32x4.splat(least);
  for (let i = 0; i < count; i++) {
    const entry = entries + <usize>i * ENTRY;
    const from = beginOf(entry, part, parts);
    let left = beginOf(entry, part + 1, parts) - from;
    const offset = (<usize>from) << 2;
    let x = load<usize>(entry) + offset;
    let g = load<usize>(entry, 4) + offset;
    let m = load<usize>(entry, 8) + offset;
    let v = load<usize>(entry, 12) + offset;
    const step = load<f32>(entry, 24);
    const keep = load<f32>(entry, 28);
    const steps = f32x4.splat(step);
    const keeps = f32x4.splat(keep);
    for (; left >= 4; left -= 4) {
      const slope = v128.load(g);
      const first = mean4(v128.load(m), slope, b1s, r1s);
      const second = mean4(v128.load(v), f32x4.mul(slope, slope), b2s, r2s);
      v128.store(m, first);
      v128.store(v, second);
      const move = divides ? f32x4.div(first, madd(f32x4.sqrt(second), factors, leasts)) : first;
      v128.store(x, f32x4.sub(f32x4.mul(v128.load(x), keeps), f32x4.mul(move, steps)));
      x += 16;
      g += 16;
      m += 16;
      v += 16;
    }
    for (; left > 0; left--) {
      const slope = load<f32>(g);
      const first: f32 = load<f32>(m) * b1 + slope * r1;
      const second: f32 = load<f32>(v) * b2 + slope * slope * r2;
      store<f32>(m, first);
      store<f32>(v, second);
      const move: f32 = divides ? first / (sqrt<f32>(second) * factor + least) : first;
      store<f32>(x, load<f32>(x) * keep - move * step);
      x += 4;
      g += 4;
      m += 4;
      v += 4;
    }
  }
}

/**
 * RMSprop: s ← αs + (1−α)g², d = g / (√s + ε), x ← keep·x − step·d. `centered`: a ← αa + (1−α)g, and s − a² under the
 * root; `momentum` > 0: b ← momentum·b + d in place of d. The running values are s, a, b.
 */
export function rmspropStep(
  entries: usize,
  count: i32,
  alpha: f64,
  epsilon: f64,
  momentum: f64,
  centered: i32,
  part: i32,
  parts: i32,
): void {
  const decay: f32 = <f32>alpha;
  const rest: f32 = <f32>(1 - alpha);
  const least: f32 = <f32>epsilon;
  const mu: f32 = <f32>momentum;
  const decays = f32x4.splat(decay);
  const rests = f32x4.splat(rest);
  const leasts = f32x4.splat(least);
  const mus = f32x4.splat(mu);
  for (let i = 0; i < count; i++) {
    const entry = entries + <usize>i * ENTRY;
    const from = beginOf(entry, part, parts);
    let left = beginOf(entry, part + 1, parts) - from;
    const offset = (<usize>from) << 2;
    let x = load<usize>(entry) + offset;
    let g = load<usize>(entry, 4) + offset;
    let s = load<usize>(entry, 8) + offset;
    let a = load<usize>(entry, 12) + offset;
    let b = load<usize>(entry, 16) + offset;
    const step = load<f32>(entry, 24);
    const keep = load<f32>(entry, 28);
    const steps = f32x4.splat(step);
    const keeps = f32x4.splat(keep);
    for (; left >= 4; left -= 4) {
      const slope = v128.load(g);
      let square = mean4(v128.load(s), f32x4.mul(slope, slope), decays, rests);
      v128.store(s, square);
      if (centered) {
        const mean = mean4(v128.load(a), slope, decays, rests);
        v128.store(a, mean);
        square = f32x4.sub(square, f32x4.mul(mean, mean));
      }
      let move = f32x4.div(slope, f32x4.add(f32x4.sqrt(square), leasts));
      if (mu > 0) {
        move = madd(v128.load(b), mus, move);
        v128.store(b, move);
      }
      v128.store(x, f32x4.sub(f32x4.mul(v128.load(x), keeps), f32x4.mul(move, steps)));
      x += 16;
      g += 16;
      s += 16;
      a += 16;
      b += 16;
    }
    for (; left > 0; left--) {
      const slope = load<f32>(g);
      let square: f32 = load<f32>(s) * decay + slope * slope * rest;
      store<f32>(s, square);
      if (centered) {
        const mean: f32 = load<f32>(a) * decay + slope * rest;
        store<f32>(a, mean);
        square -= mean * mean;
      }
      let move: f32 = slope / (sqrt<f32>(square) + least);
      if (mu > 0) {
        move += load<f32>(b) * mu;
        store<f32>(b, move);
      }
      store<f32>(x, load<f32>(x) * keep - move * step);
      x += 4;
      g += 4;
      s += 4;
      a += 4;
      b += 4;
    }
  }
}

/** Gradient descent: x ← keep·x − step·d, d = g; `momentum` > 0: b ← momentum·b + g and d = b, by Nesterov g + momentum·b. */
export function descentStep(entries: usize, count: i32, momentum: f64, nesterov: i32, part: i32, parts: i32): void {
  const mu: f32 = <f32>momentum;
  const mus = f32x4.splat(mu);
  for (let i = 0; i < count; i++) {
    const entry = entries + <usize>i * ENTRY;
    const from = beginOf(entry, part, parts);
    let left = beginOf(entry, part + 1, parts) - from;
    const offset = (<usize>from) << 2;
    let x = load<usize>(entry) + offset;
    let g = load<usize>(entry, 4) + offset;
    let b = load<usize>(entry, 8) + offset;
    const step = load<f32>(entry, 24);
    const keep = load<f32>(entry, 28);
    const steps = f32x4.splat(step);
    const keeps = f32x4.splat(keep);
    for (; left >= 4; left -= 4) {
      const slope = v128.load(g);
      let move = slope;
      if (mu > 0) {
        move = madd(v128.load(b), mus, slope);
        v128.store(b, move);
        if (nesterov) move = madd(move, mus, slope);
      }
      v128.store(x, f32x4.sub(f32x4.mul(v128.load(x), keeps), f32x4.mul(move, steps)));
      x += 16;
      g += 16;
      b += 16;
    }
    for (; left > 0; left--) {
      const slope = load<f32>(g);
      let move: f32 = slope;
      if (mu > 0) {
        move = load<f32>(b) * mu + slope;
        store<f32>(b, move);
        if (nesterov) move = move * mu + slope;
      }
      store<f32>(x, load<f32>(x) * keep - move * step);
      x += 4;
      g += 4;
      b += 4;
    }
  }
}
