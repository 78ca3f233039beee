import { inflateSync } from 'fflate';
import { plain } from './bytes/plain';
import { plainShared } from './bytes/plain-shared';
import { relaxed } from './bytes/relaxed';
import { relaxedShared } from './bytes/relaxed-shared';
import { fromBase64 } from '../../../bytes';
import { applyDelta } from './delta';

/** The built module for ordinary or shared memory, with or without fused multiply–add. */
export function moduleBytes(simd: 'relaxed' | 'plain', shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = inflateSync(fromBase64(simd === 'relaxed' ? relaxed : plain));
  return shared ? applyDelta(bytes, simd === 'relaxed' ? relaxedShared : plainShared) : bytes;
}
