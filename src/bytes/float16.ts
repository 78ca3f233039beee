/** @internal IEEE half precision, rounded to nearest even; values too large become infinite. */
export function toFloat16(data: Float32Array): Uint16Array {
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  return Uint16Array.from(bits, (x, i) => {
    const sign = (x >>> 16) & 0x8000;
    const magnitude = x & 0x7fffffff;
    if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    if (magnitude < 0x38800000) {
      // Subnormal halves: units of 2⁻²⁴.
      const value = Math.abs(data[i]!) * 2 ** 24;
      const floor = Math.floor(value);
      const rest = value - floor;
      return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
    }
    const rounded = magnitude + 0x0fff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  });
}

function widened(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @internal Halves as single precision, exactly. */
export const fromFloat16 = (halves: Uint16Array): Float32Array => Float32Array.from(halves, widened);

/** bfloat16, the upper half of single precision, as single precision, exactly. */
export const fromBfloat16 = (values: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(values, (value) => value << 16).buffer);
