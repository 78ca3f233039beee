/** Imports modules that exist in Node only or may be absent; bundlers do not follow it. */
export { importByName as importNode } from '../bytes';

/** Whether the process runs in Node, without importing anything. */
export function isNode(): boolean {
  return typeof process !== 'undefined' && process.versions?.node !== undefined && typeof window === 'undefined';
}

/** CommonJS modules imported from ESM have their exports under `default` as well; prefer those, which are complete. */
export function exportsOf<T extends object>(module: T): T {
  return 'default' in module && typeof module.default === 'object' && module.default !== null
    ? (module.default as T)
    : module;
}
