import type { WinogradForm } from '../winograd';

/** The shape of a packed filter, which identifies its layout. */
export type Packed = (filter: string) => readonly number[];

/** The Winograd variant for which a convolution's filter is packed. */
export function formOf(packed: Packed, filter: string): WinogradForm | undefined {
  const shape = packed(filter);
  return shape.length === 2 ? ((Math.sqrt(shape[0]!) - 2) as WinogradForm) : undefined;
}

/** Whether a convolution's filter is packed as integers. */
export function isInteger(packed: Packed, filter: string): boolean {
  const shape = packed(filter);
  return shape.length === 3 && shape[0] === 1;
}

/** Whether a convolution's filter is packed for Winograd's form along the rows. */
export function isStrided(packed: Packed, filter: string): boolean {
  const shape = packed(filter);
  return shape.length === 3 && shape[0] === 6;
}

/** Whether a convolution's filter is packed for Strassen's products. */
export function isStrassen(packed: Packed, filter: string): boolean {
  const shape = packed(filter);
  return shape.length === 3 && shape[0] === 7;
}
