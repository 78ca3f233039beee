import type { Commands } from './protocol';

type Counts = Omit<Commands, 'encode_ms'>;

/** Counts what goes to the GPU from now on; bytes are those of tfjs' uniforms and of buffers that are filled when they are made. */
export function countCommands(): Readonly<Counts> {
  const counts = { dispatches: 0, submits: 0, upload_bytes: 0 };
  before(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => counts.dispatches++);
  before(GPUQueue.prototype, 'submit', () => counts.submits++);
  before(GPUQueue.prototype, 'writeBuffer', (_buffer, _offset, data, _from, size) => {
    counts.upload_bytes += size ?? data.byteLength;
  });
  before(GPUDevice.prototype, 'createBuffer', ({ mappedAtCreation, size }) => {
    if (mappedAtCreation) counts.upload_bytes += size;
  });
  return counts;
}

/** Calls `first` with the arguments of every call of a method. */
function before<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  first: (...args: T[K] extends (...args: infer A) => unknown ? A : never) => void,
): void {
  const method = prototype[name] as (...args: unknown[]) => unknown;
  Object.defineProperty(prototype, name, {
    value(this: T, ...args: never) {
      first(...args);
      return method.apply(this, args);
    },
  });
}
