import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The path of a file in this folder of the package. This code may run from the checkout, from the folder's own index, from a shared chunk,
 * or from the command.
 */
export function beside(name: string): string {
  const folders = ['..', '.', './handover', '../handover'];
  const paths = folders.map((folder) => fileURLToPath(new URL(`${folder}/${name}`, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(
      `handover: the package must have ${name}. Received: none in ${paths[0]}. Install the package again.`,
    );
  return found;
}
