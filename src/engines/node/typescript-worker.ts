import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * @internal A thread that runs a TypeScript module through the tsx that the module's own folder finds, whatever the working directory is.
 *
 * @throws Error when tsx is not installed there.
 */
export function typescriptWorker(module: URL, options: WorkerOptions): Worker {
  // The script seems to lie in the working directory, from where its `import('tsx/esm/api')` would look.
  const tsx = pathToFileURL(createRequire(module).resolve('tsx/package.json'));
  const api = new URL('dist/esm/api/index.mjs', tsx).href;
  const script = `import(${JSON.stringify(api)}).then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); })`;
  return new Worker(script, { ...options, eval: true });
}
