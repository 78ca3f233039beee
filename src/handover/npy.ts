const TYPES = { uint8: '|u1', float64: '<f8' } as const;

/**
 * An array in NumPy's `.npy` format 1.0: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. The header takes 128 bytes or a
 * multiple of 64 more, so that the numbers can be mapped into memory.
 */
export function writeNpy(values: Uint8Array | Float64Array, shape: readonly number[]): Uint8Array {
  const type = values instanceof Float64Array ? TYPES.float64 : TYPES.uint8;
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const length = Math.max(128, Math.ceil((10 + text.length + 1) / 64) * 64);
  const out = new Uint8Array(length + values.byteLength);
  out.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, (length - 10) & 0xff, (length - 10) >> 8]);
  out.fill(0x20, 10, length - 1);
  out.set(new TextEncoder().encode(text), 10);
  out[length - 1] = 0x0a;
  out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), length);
  return out;
}
