/**
 * @internal Imports a module of Node, or a package that may be absent. The name is a value, so that no bundler follows it: several fail or warn when
 * they cannot resolve an import.
 */
export function importByName<T>(specifier: string): Promise<T> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ specifier) as Promise<T>;
}
