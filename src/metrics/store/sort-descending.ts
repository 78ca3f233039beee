const radix = 1 << 11;

/**
 * The order that sorts `keys` from high to low; equal keys keep the order of `start` (0, 1, 2 … unless given).
 * A radix sort over the bits of the numbers, in linear time. No key may be NaN.
 */
export function sortDescending(keys: Float64Array, start?: Uint32Array): Uint32Array {
  const n = start?.length ?? keys.length;
  let order = start ? start.slice() : new Uint32Array(n).map((_, i) => i);
  if (n < 512) return order.sort((a, b) => keys[b]! - keys[a]! || 0);

  const low = new Uint32Array(keys.length);
  const high = new Uint32Array(keys.length);
  sortableBits(keys, low, high);
  let next = new Uint32Array(n);
  const places = new Uint32Array(radix);
  for (const word of [low, high]) {
    for (const shift of [0, 11, 22]) {
      if (!countDigits(word, shift, order, places)) continue;
      scatter(word, shift, order, places, next);
      [order, next] = [next, order];
    }
  }
  return order;
}

/** The two words of each key, transformed so that their unsigned order is the keys' descending order. */
function sortableBits(keys: Float64Array, low: Uint32Array, high: Uint32Array): void {
  const float = new Float64Array(1);
  const words = new Uint32Array(float.buffer); // little-endian on every engine that runs JavaScript
  for (let i = 0; i < keys.length; i++) {
    float[0] = keys[i]! + 0; // -0 becomes 0: they are equal
    // Positive numbers order as their bits do, negative ones reversed; descending order inverts both.
    const top = words[1]!;
    const flip = (top >>> 31) - 1;
    low[i] = words[0]! ^ flip;
    high[i] = top ^ (flip & 0x7fffffff);
  }
}

/** The start of each digit's keys in the sorted order; false when all keys have the same digit, so the pass can be skipped. */
function countDigits(word: Uint32Array, shift: number, order: Uint32Array, places: Uint32Array): boolean {
  places.fill(0);
  for (let i = 0; i < order.length; i++) places[(word[order[i]!]! >>> shift) & (radix - 1)]!++;
  if (places[(word[order[0]!]! >>> shift) & (radix - 1)] === order.length) return false;
  let sum = 0;
  for (let d = 0; d < radix; d++) {
    const here = places[d]!;
    places[d] = sum;
    sum += here;
  }
  return true;
}

function scatter(word: Uint32Array, shift: number, order: Uint32Array, places: Uint32Array, next: Uint32Array): void {
  for (let i = 0; i < order.length; i++) {
    const index = order[i]!;
    next[places[(word[index]! >>> shift) & (radix - 1)]!++] = index;
  }
}
