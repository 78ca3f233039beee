import type sharpType from 'sharp';
import { importByName } from '../../bytes';

/**
 * Loads the optional peer `sharp`.
 *
 * @param where the caller, which the error names.
 * @returns the default export of `sharp`. Its type is not named, so that these types do not depend on sharp.
 * @throws Error with the install command when sharp is missing or does not load.
 * @example
 * import type sharp from 'sharp';
 * import { loadSharp } from 'poseblocks/visualize/node';
 * const decode = (await loadSharp('thumbnail')) as typeof sharp;
 */
export function loadSharp(where: string): Promise<unknown> {
  return sharpFor(where);
}

/** As {@link loadSharp}, with its type. */
export async function sharpFor(where: string): Promise<typeof sharpType> {
  const { default: sharp } = await importByName<{ default: typeof sharpType }>('sharp').catch((cause: Error) => {
    const [reason] = cause.message.split('\n');
    throw new Error(`${where}: sharp must be installed. Run: npm install sharp (${reason})`, { cause });
  });
  return sharp;
}
