/** A module with one function, (i8x16.splat (i32.const 0)). */
const SIMD = [0, 0x41, 0, 0xfd, 0x0f, 0x0b];

/** The same value three times, in f32x4.relaxed_madd. */
const RELAXED_SIMD = [0, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x85, 0x02, 0x0b];

function validates(body: readonly number[]): boolean {
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [1, 5, 1, 0x60, 0, 1, 0x7b];
  const functions = [3, 2, 1, 0];
  const code = [10, body.length + 2, 1, body.length, ...body];
  return WebAssembly.validate(new Uint8Array([...head, ...types, ...functions, ...code]));
}

/** The variant of our module that this host supports: with fused multiply–add, with plain SIMD, or none. */
export function simdSupport(): 'relaxed' | 'plain' | 'off' {
  if (!validates(SIMD)) return 'off';
  return validates(RELAXED_SIMD) ? 'relaxed' : 'plain';
}
