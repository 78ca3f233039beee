import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useEngine, type EngineName } from 'poseblocks/engines';
import { describeWasmKernels, registerWasmGradients, type SimdChoice } from 'poseblocks/engines/wasm';
import { lpn } from 'poseblocks/networks';
import { offerSoftwareVulkan } from '../../test/support/software-vulkan';

/** How an engine runs, for a row of results. */
export interface EngineColumns {
  readonly engine: EngineName;
  readonly device: string;
  readonly simd: string;
  readonly threads: number;
}

/**
 * Starts the engine of a benchmark's command line. TensorFlow takes its threads from the environment: for one thread, set
 * TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1.
 */
export async function startEngine(engine: EngineName, threads: number, simd: SimdChoice): Promise<EngineColumns> {
  if (engine === 'webgpu') offerSoftwareVulkan(); // where there is no GPU
  const { device } = await useEngine(engine, { threads });
  const columns = { engine, device: device.replaceAll(',', ' '), threads };
  if (engine !== 'wasm') return { ...columns, simd: 'native' };
  registerWasmGradients({ simd });
  while (describeWasmKernels().threads < threads) await new Promise((later) => setTimeout(later, 10));
  return { ...columns, simd: describeWasmKernels().simd };
}

/** LPN-50 (256×192) on an engine, beside a peer. */
export interface Lpn50Run {
  readonly engine: EngineColumns;
  readonly network: LayersModel;
  /** The file that the environment names. */
  readonly peer: string;
  readonly rounds: number;
}

/** Reads `[ENGINE] [ROUNDS] [THREADS] [SIMD]` of the command line, and from the environment where the peer lies. */
export async function lpn50Run(peerVariable: string): Promise<Lpn50Run> {
  const [name = 'wasm', rounds = '5', threads = '1', simd = 'auto'] = process.argv.slice(2);
  const peer = process.env[peerVariable];
  if (peer === undefined)
    throw new Error(`Set ${peerVariable} to the peer's file, as the head of this benchmark says.`);
  const engine = await startEngine(name as EngineName, Number(threads), simd as SimdChoice);
  return { engine, network: lpn('lpn-50', { inputShape: [256, 192, 3], keypoints: 17 }), peer, rounds: Number(rounds) };
}

/** MiB of the wasm engine's heap, which never shrinks: the most that training took; 0 on other engines. */
export function heapMebibytes(): number {
  const { wasm } = tf.backend() as unknown as { wasm?: { HEAPU8: Uint8Array } };
  return wasm ? wasm.HEAPU8.length / 2 ** 20 : 0;
}
