/**
 * Runs `start` in a page that says it has `count` processors: tfjs-backend-wasm takes at most half of those it finds, as if each
 * two were one, whatever number of threads it is asked for.
 */
export async function withProcessors<T>(count: number, start: () => Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(navigator, 'hardwareConcurrency');
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
  try {
    return await start();
  } finally {
    if (own) Object.defineProperty(navigator, 'hardwareConcurrency', own);
    else Reflect.deleteProperty(navigator, 'hardwareConcurrency'); // the prototype's shows again
  }
}
