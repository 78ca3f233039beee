import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { OptimizerRule } from '../optimizer-step';
import { optimizerProgram, optimizerUniforms, type ProgramWeight } from './optimizer-program';
import { ruleShader, type RuleShader } from './optimizer-shader';
import type { WebGpuBackend } from './webgpu-backend';

interface StepArgs {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  readonly backend: WebGpuBackend;
}

interface Weight extends ProgramWeight {
  readonly values: TensorInfo;
  readonly gradient: TensorInfo;
  readonly running: readonly TensorInfo[];
}

/**
 * `OptimizerStep`: updates the weights in place, and has no outputs. A call of the GPU updates as many weights as its bindings hold: of the eight storage
 * buffers that tfjs' device has, Adam uses four per weight.
 */
export function optimizerStep({ inputs, attrs, backend }: StepArgs): TensorInfo[] {
  const shader = ruleShader(attrs['rule'] as unknown as OptimizerRule);
  const weights = weightsOf(inputs, attrs).filter(({ size }) => size > 0);
  const buffers = 2 + (weights[0]?.running.length ?? 0);
  const perCall = Math.max(1, Math.floor(backend.device.limits.maxStorageBuffersPerShaderStage / buffers));
  for (let i = 0; i < weights.length; i += perCall) step(shader, weights.slice(i, i + perCall), backend);
  return [];
}

function weightsOf(inputs: NamedTensorInfoMap, attrs: NamedAttrMap): Weight[] {
  const { steps, keeps } = attrs as unknown as { steps: number[]; keeps: number[] };
  return steps.map((step, i) => {
    const values = inputs[`x${i}`]!;
    const running = [0, 1, 2].flatMap((j) => inputs[`r${i}.${j}`] ?? []);
    const size = util.sizeFromShape(values.shape);
    return { size, step, keep: keeps[i]!, values, gradient: inputs[`g${i}`]!, running };
  });
}

function step(shader: RuleShader, weights: readonly Weight[], backend: WebGpuBackend): void {
  const { maxComputeWorkgroupsPerDimension } = backend.device.limits;
  const program = optimizerProgram(shader, weights, weights[0]!.running.length, maxComputeWorkgroupsPerDimension);
  const [output, ...others] = weights.flatMap(({ values, gradient, running }) => [values, gradient, ...running]);
  const vector = { ...output!, dataId: output!.dataId, shape: program.outputShape };
  backend.runWebGPUProgram(program, others, 'float32', optimizerUniforms(shader, weights), vector);
  for (const { values, running } of weights) {
    // A read leaves a copy on the CPU, which is older than the buffer now.
    for (const { dataId } of [values, ...running]) backend.tensorMap.get(dataId).values = null;
  }
}
