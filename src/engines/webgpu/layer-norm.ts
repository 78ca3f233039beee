import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { WebGpuBackend, WebGpuProgram, WebGpuUniform } from './webgpu-backend';

const WORKGROUP = 64;

interface NormalizeArgs {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  readonly backend: WebGpuBackend;
}

/** `NormalizeLayer` in one dispatch, where the elements of TensorFlow.js need nine: a workgroup per vector of channels. */
export function normalizeLayer({ inputs, attrs, backend }: NormalizeArgs): TensorInfo {
  const [x, scale, offset] = [inputs['x']!, inputs['scale']!, inputs['offset']!];
  const channels = x.shape.at(-1)!;
  const rows = util.sizeFromShape(x.shape.slice(0, -1));
  const matrix = ({ dataId, dtype }: TensorInfo): TensorInfo => ({ dataId, dtype, shape: [rows, channels] });
  const output = backend.makeTensorInfo(x.shape, 'float32');
  const epsilon: WebGpuUniform = { type: 'float32', data: [attrs['epsilon'] as number] };
  backend.runWebGPUProgram(program(rows, channels), [matrix(x), scale, offset], 'float32', [epsilon], matrix(output));
  return output;
}

function program(rows: number, channels: number): WebGpuProgram {
  return {
    outputShape: [rows, channels],
    shaderKey: 'poseblocks normalize layer',
    workgroupSize: [WORKGROUP, 1, 1],
    dispatch: [rows, 1, 1],
    dispatchLayout: { x: [0] },
    variableNames: ['x', 'scale', 'offset'],
    uniforms: 'epsilon : f32,',
    getUserCode: () => CODE,
  };
}

// All invocations of a workgroup must reach each barrier. So those past the last row, where the backend has folded the dispatch, sum the last row
// too, and write nothing.
const CODE = `
  var<workgroup> sums: array<f32, ${WORKGROUP}>;

  fn total(value: f32) -> f32 {
    sums[localIndex] = value;
    workgroupBarrier();
    for (var half = ${WORKGROUP / 2}u; half > 0u; half >>= 1u) {
      if (localIndex < half) {
        sums[localIndex] += sums[localIndex + half];
      }
      workgroupBarrier();
    }
    let result = sums[0];
    workgroupBarrier();
    return result;
  }

  fn main(index: i32) {
    let rows = uniforms.outShape.x;
    let channels = uniforms.outShape.y;
    let row = index / ${WORKGROUP};
    let start = min(row, rows - 1) * channels;
    let first = i32(localIndex);

    var sum = 0.0;
    for (var c = first; c < channels; c += ${WORKGROUP}) {
      sum += x[start + c];
    }
    let mean = total(sum) / f32(channels);

    var squares = 0.0;
    for (var c = first; c < channels; c += ${WORKGROUP}) {
      let centered = x[start + c] - mean;
      squares += centered * centered;
    }
    let factor = inverseSqrt(total(squares) / f32(channels) + uniforms.epsilon);

    if (row < rows) {
      for (var c = first; c < channels; c += ${WORKGROUP}) {
        result[start + c] = (x[start + c] - mean) * factor * scale[c] + offset[c];
      }
    }
  }`;
