/**
 * Runs `start` with `count` as the page's number of processors: tfjs-backend-wasm uses at most half of the processors, assuming
 * hyper-threads, whatever number of threads is requested.
 */
export async function withProcessors<T>(count: number, start: () => Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(navigator, 'hardwareConcurrency');
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
  try {
    return await start();
  } finally {
    if (own) Object.defineProperty(navigator, 'hardwareConcurrency', own);
    else Reflect.deleteProperty(navigator, 'hardwareConcurrency'); // makes the prototype's property visible again
  }
}
