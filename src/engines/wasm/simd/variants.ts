import { plain } from './bytes/plain';
import { plainShared } from './bytes/plain-shared';
import { relaxed } from './bytes/relaxed';
import { relaxedShared } from './bytes/relaxed-shared';

/** The built module for ordinary or shared memory, with or without fused multiply–add. */
export function moduleBytes(simd: 'relaxed' | 'plain', shared: boolean): Uint8Array<ArrayBuffer> {
  const text = simd === 'relaxed' ? (shared ? relaxedShared : relaxed) : shared ? plainShared : plain;
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
