import type { TileForm } from '../winograd';

/** The shape of a packed filter, which identifies its layout. */
export type Packed = (filter: string) => readonly number[];

/** The Winograd variant for which a convolution's filter is packed. */
export function formOf(packed: Packed, filter: string): TileForm | undefined {
  const shape = packed(filter);
  if (shape.length === 2) return shape[0] === 16 ? 2 : 4;
  if (shape.length === 3) return shape[0] === 16 ? 'two' : shape[0] === 36 ? 'cells' : undefined;
  return undefined;
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
