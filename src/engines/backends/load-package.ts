import { isRegistered } from '../activate';
import { importNode, isNode } from '../environment';
import { missingPackage } from '../missing-package';

/**
 * Imports the package of an engine, unless the program has done so. A page says how, or imports it by itself: a bundler follows only what is written
 * out in the program, and one that cannot find a package in ours fails.
 */
export async function loadPackage(
  name: 'webgl' | 'webgpu',
  specifier: string,
  load?: () => Promise<unknown>,
): Promise<void> {
  if (isRegistered(name)) return;
  if (load !== undefined) return void (await load());
  const where = `useEngine('${name}')`;
  if (isNode())
    return void (await importNode(specifier).catch(missingPackage(where, specifier, `${specifier}@4.22.0`)));
  await importNode(specifier).catch((cause: unknown) => {
    if (!(cause instanceof TypeError)) throw cause; // of a package that was found, and failed
    throw new Error(
      `${where}: the page must bring the package '${specifier}'. Received: none. Run: npm install ${specifier}@4.22.0, ` +
        `and call ${where.slice(0, -1)}, { packages: { ${name}: () => import('${specifier}') } }).`,
      { cause },
    );
  });
}
