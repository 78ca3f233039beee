import type { TensorInfo } from '@tensorflow/tfjs-core';
import { input, type KernelArgs } from '../kernel-route';
import { shared } from './layout';

/** `PackFilter` where programs are not supported: returns the filter unchanged, which says so. */
export function unpackedFilter(args: KernelArgs): TensorInfo {
  return shared(input(args, 'filter'), args);
}

/** `RunProgram` where programs are no longer supported. */
export function noProgram(): never {
  throw new Error(
    'compile: the wasm engine must keep the SIMD module that the network was compiled for. It was turned off since ' +
      '(registerWasmGradients). Compile the network again.',
  );
}
