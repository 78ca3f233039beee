const radix = 1 << 16;

/**
 * The order that sorts `keys` from high to low, equal keys staying in the order of `start` (0, 1, 2 … unless given).
 * A radix sort over the bits of the numbers: linear in their count. No key may be NaN.
 */
export function sortDescending(keys: Float64Array, start?: Uint32Array): Uint32Array {
  const n = start?.length ?? keys.length;
  let order = start ? start.slice() : new Uint32Array(n).map((_, i) => i);
  if (n < 512) return order.sort((a, b) => keys[b]! - keys[a]! || 0);

  const digits = sortableDigits(keys);
  let next = new Uint32Array(n);
  const count = new Uint32Array(radix);
  for (let pass = 0; pass < 4; pass++) {
    const digit = digits.subarray(pass * keys.length, (pass + 1) * keys.length);
    count.fill(0);
    for (let i = 0; i < n; i++) count[digit[order[i]!]!]!++;
    if (count[digit[order[0]!]!] === n) continue; // all alike in this digit
    let sum = 0;
    for (let d = 0; d < radix; d++) {
      const here = count[d]!;
      count[d] = sum;
      sum += here;
    }
    for (let i = 0; i < n; i++) {
      const index = order[i]!;
      next[count[digit[index]!]!++] = index;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Four 16-bit digits of each key, lowest first, whose unsigned order is the keys' descending order. */
function sortableDigits(keys: Float64Array): Uint16Array {
  const n = keys.length;
  const digits = new Uint16Array(4 * n);
  const float = new Float64Array(1);
  const words = new Uint32Array(float.buffer); // little-endian on every engine that runs JavaScript
  for (let i = 0; i < n; i++) {
    float[0] = keys[i]! + 0; // -0 becomes 0: they are equal
    const high = words[1]!;
    // Positive numbers order as their bits do, negative ones reversed; descending order inverts both.
    const negative = high >>> 31 === 1;
    const lowKey = negative ? words[0]! : ~words[0]!;
    const highKey = negative ? high : ~high & 0x7fffffff;
    digits[i] = lowKey;
    digits[n + i] = lowKey >>> 16;
    digits[2 * n + i] = highKey;
    digits[3 * n + i] = highKey >>> 16;
  }
  return digits;
}
