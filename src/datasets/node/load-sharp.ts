import type sharpType from 'sharp';
import { loadSharp } from '../../visualize/node';

/** `loadSharp` with its type, which the published types leave out. */
export function sharpOf(where: string): Promise<typeof sharpType> {
  return loadSharp(where) as Promise<typeof sharpType>;
}
