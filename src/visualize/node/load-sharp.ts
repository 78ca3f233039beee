import type sharpType from 'sharp';
import { importByName } from '../../bytes';

/** Loads the optional peer sharp. @throws Error with the install command when it is missing. */
export async function loadSharp(where: string): Promise<typeof sharpType> {
  const { default: sharp } = await importByName<{ default: typeof sharpType }>('sharp').catch((cause: unknown) => {
    throw new Error(`${where}: sharp must be installed. Run: npm install sharp`, { cause });
  });
  return sharp;
}
