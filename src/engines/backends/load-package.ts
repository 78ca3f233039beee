import { isRegistered } from '../activate';
import { importNode, isNode } from '../environment';
import { missingPackage } from '../missing-package';

/**
 * Imports the package of an engine, unless the program has done so. A page passes an import function or imports the package itself: a bundler follows only static imports
 * of the program, and fails at an import of ours that it cannot resolve.
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
    if (!(cause instanceof TypeError)) throw cause; // the package exists, but failed to load
    throw new Error(
      `${where}: the page must import the package '${specifier}'. Received: none. Run: npm install ${specifier}@4.22.0, ` +
        `and call ${where.slice(0, -1)}, { packages: { ${name}: () => import('${specifier}') } }).`,
      { cause },
    );
  });
}
