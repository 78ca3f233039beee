import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelArgs } from '../kernel-route';

/** `PackFilter` where nothing runs programs: the filter as it is, which says so. */
export function unpackedFilter({ inputs, backend }: KernelArgs): TensorInfo {
  const { dataId, shape, dtype } = inputs['filter']!;
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/** `RunProgram` where nothing runs programs any more. */
export function noProgram(): never {
  throw new Error(
    'compile: the wasm engine must keep the SIMD module that the network was compiled for. It was turned off since ' +
      '(registerWasmGradients). Compile the network again.',
  );
}
