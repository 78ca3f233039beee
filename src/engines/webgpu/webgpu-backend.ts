import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** A `WebGPUProgram` of tfjs-backend-webgpu 4.22, without the fields that only its own kernels use. */
export interface WebGpuProgram {
  /** Its data as a vector, so that one pipeline serves tensors of every shape. */
  readonly outputShape: number[];
  readonly shaderKey: string;
  readonly workgroupSize: [number, number, number];
  /** Workgroups; the backend folds a number above the device's limit of one dimension into several. */
  dispatch: [number, number, number];
  readonly dispatchLayout: { readonly x: number[] };
  /** Names of inputs that the backend declares as read-only. */
  readonly variableNames: string[];
  /** Fields of the uniforms after the shapes, in WGSL. */
  readonly uniforms?: string;
  /** 0: the backend declares only the output, `result`, and `shaderKey` alone identifies the pipeline. */
  readonly pixelsOpType?: 0;
  getUserCode(): string;
}

/** Scalars are 4 bytes apart, in the order in which they are given. */
export interface WebGpuUniform {
  readonly type: 'int32' | 'float32';
  readonly data: number[];
}

/** The internals of tfjs-backend-webgpu 4.22 that our kernels depend on; {@link isWebGpuBackend} checks them before use. */
export interface WebGpuBackend extends KernelBackend {
  readonly device: GPUDevice;
  /** `values` is the copy on the CPU that a read leaves. */
  readonly tensorMap: { get(dataId: object): { values: unknown } };
  makeTensorInfo(shape: number[], dtype: DataType): TensorInfo;
  runWebGPUProgram(
    program: WebGpuProgram,
    inputs: readonly TensorInfo[],
    dtype: DataType,
    uniforms: readonly WebGpuUniform[],
    output: TensorInfo,
  ): TensorInfo;
}

/** Whether a backend has the internals that are used here. */
export function isWebGpuBackend(backend: object): backend is WebGpuBackend {
  const { device, tensorMap, makeTensorInfo, runWebGPUProgram } = backend as Partial<WebGpuBackend>;
  const methods = [tensorMap?.get, makeTensorInfo, runWebGPUProgram];
  return typeof device?.limits === 'object' && methods.every((method) => typeof method === 'function');
}
