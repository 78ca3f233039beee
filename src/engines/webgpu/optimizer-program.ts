import type { RuleShader } from './optimizer-shader';
import type { WebGpuProgram, WebGpuUniform } from './webgpu-backend';

const WORKGROUP = 64;

/** One weight of a call. */
export interface ProgramWeight {
  /** Elements; at least 1. */
  readonly size: number;
  readonly step: number;
  readonly keep: number;
}

/**
 * A call that updates several weights in place. Its buffers are, weight by weight, the values, the gradient and `running` running values; the output is the
 * values of the first weight. An invocation updates one element: the weights lie one after the other in the invocations' numbers.
 *
 * @param workgroupLimit the device's `maxComputeWorkgroupsPerDimension`
 */
export function optimizerProgram(
  shader: RuleShader,
  weights: readonly ProgramWeight[],
  running: number,
  workgroupLimit: number,
): WebGpuProgram {
  const size = weights.reduce((sum, weight) => sum + weight.size, 0);
  const workgroups = Math.ceil(size / WORKGROUP);
  const folded = workgroups > workgroupLimit; // the backend then numbers invocations by other code
  return {
    outputShape: [weights[0]!.size],
    shaderKey: `poseblocks optimizer step ${shader.key} ${running} ${weights.length} ${folded}`,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatch: [workgroups, 1, 1],
    dispatchLayout: { x: [0] },
    variableNames: [],
    // Any other program may write no buffer but its output.
    pixelsOpType: 0,
    getUserCode: () => code(shader, weights.length, running),
  };
}

/** What the code calls `k`. */
export function optimizerUniforms(shader: RuleShader, weights: readonly ProgramWeight[]): WebGpuUniform[] {
  return [
    ...Object.values(shader.constants).map(float),
    ...weights.flatMap(({ size, step, keep }) => [{ type: 'int32' as const, data: [size] }, float(step), float(keep)]),
  ];
}

function float(value: number): WebGpuUniform {
  return { type: 'float32', data: [value] };
}

function code(shader: RuleShader, count: number, running: number): string {
  const weights = Array.from({ length: count }, (_, w) => w);
  const buffers = 2 + running;
  const binding = (at: number): string => `@group(0) @binding(${at})`;
  const writable = 'var<storage, read_write>';
  // The backend declares binding 0, `result`: the values of the first weight.
  const declared = weights.map((w) => {
    const at = w * buffers;
    const values = w === 0 ? [] : [`${binding(at)} ${writable} x${w}: array<f32>;`];
    const gradient = `${binding(at + 1)} var<storage, read> g${w}: array<f32>;`;
    const others = Array.from(
      { length: running },
      (_, r) => `${binding(at + 2 + r)} ${writable} w${w}r${r}: array<f32>;`,
    );
    return [...values, gradient, ...others].join('\n');
  });
  const fields = [
    'firstStrides: i32', // from the backend, for every program
    ...Object.keys(shader.constants).map((name) => `${name}: f32`),
    ...weights.map((w) => `size${w}: i32, step${w}: f32, keep${w}: f32`),
  ];
  return `
    ${declared.join('\n')}
    struct Constants { ${fields.join(', ')} };
    ${binding(count * buffers)} var<uniform> k: Constants;
    fn main(index: i32) {
      var i = index;
      ${weights.map((w) => updateOf(shader, w)).join('\n')}
    }`;
}

function updateOf(shader: RuleShader, w: number): string {
  const x = w === 0 ? 'result' : `x${w}`;
  return `
    if (i < k.size${w}) {
      let g = g${w}[i];
      ${shader.update.replace(/\br(\d)\b/g, `w${w}r$1`)}
      ${x}[i] = k.keep${w} * ${x}[i] - k.step${w} * d;
      return;
    }
    i -= k.size${w};`;
}
