/** Imports what only Node has, or what may be absent; no bundler follows it. */
export { importByName as importNode } from '../bytes';

/** Where the process runs, asked without importing anything. */
export function isNode(): boolean {
  return typeof process !== 'undefined' && process.versions?.node !== undefined && typeof window === 'undefined';
}

/** CommonJS modules imported from ESM carry their exports under `default` as well; prefer those, which are complete. */
export function exportsOf<T extends object>(module: T): T {
  return 'default' in module && typeof module.default === 'object' && module.default !== null
    ? (module.default as T)
    : module;
}
