/** Where the process runs, asked without importing anything. */
export function isNode(): boolean {
  return typeof process !== 'undefined' && process.versions?.node !== undefined && typeof window === 'undefined';
}

/** Imports a module that only Node has. The name is a value, so that no browser bundler follows it. */
export function importNode<T>(specifier: string): Promise<T> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ specifier) as Promise<T>;
}

/** CommonJS modules imported from ESM carry their exports under `default` as well; prefer those, which are complete. */
export function exportsOf<T extends object>(module: T): T {
  return 'default' in module && typeof module.default === 'object' && module.default !== null
    ? (module.default as T)
    : module;
}
