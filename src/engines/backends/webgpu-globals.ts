import { importNode } from '../environment';
import { missingPackage } from '../missing-package';

interface WebGpuPackage {
  create(flags: string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/**
 * One Dawn instance per set of flags, kept for the life of the process: its binding runs callbacks on instances that were already garbage collected,
 * which crashes the process.
 */
const instances = new Map<string, GPU>();

/**
 * Adds a `navigator.gpu` and the `GPU…` globals to Node, from the npm package `webgpu`.
 *
 * @returns a function that removes exactly what was added.
 */
export async function installWebGpu(flags: readonly string[]): Promise<() => void> {
  const { create, globals } = await importNode<WebGpuPackage>('webgpu').catch(
    missingPackage("useEngine('webgpu')", 'webgpu'),
  );
  const key = JSON.stringify(flags);
  const gpu = instances.get(key) ?? create([...flags]);
  instances.set(key, gpu);
  const undo: (() => void)[] = [];
  const add = (target: object, key: string, value: unknown): void => {
    if (key in target) return;
    Object.defineProperty(target, key, { value, configurable: true, writable: true });
    undo.push(() => Reflect.deleteProperty(target, key));
  };
  for (const [key, value] of Object.entries(globals)) add(globalThis, key, value);
  add(globalThis, 'navigator', {}); // absent before Node 21
  add(globalThis.navigator, 'gpu', gpu);
  return () => undo.reverse().forEach((remove) => remove());
}
