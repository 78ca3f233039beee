import type { TileForm } from '../winograd';

/** The shape of a packed filter, which identifies its layout. */
export type Packed = (filter: string) => readonly number[];

/** The Winograd variant for which a convolution's filter is packed. */
export function formOf(packed: Packed, filter: string): TileForm | undefined {
  const [positions, ...rest] = packed(filter);
  if (rest.length === 1) return positions === 16 ? 2 : 4;
  return rest.length === 2 && positions === 36 ? 3 : undefined;
}

/** Whether a convolution's filter is packed as integers. */
export function isInteger(packed: Packed, filter: string): boolean {
  const shape = packed(filter);
  return shape.length === 3 && shape[0] === 1;
}

/** Whether a convolution's filter is packed for Strassen's products. */
export function isStrassen(packed: Packed, filter: string): boolean {
  const shape = packed(filter);
  return shape.length === 3 && shape[0] === 7;
}
