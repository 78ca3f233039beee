import { input } from '@tensorflow/tfjs-layers';
import { deconv, deconvHead } from 'poseblocks/heads';
import { describe, expect, it } from 'vitest';
import { describeBlock } from '../support/describe-block';

for (const kernelSize of [2, 3, 4] as const) {
  describeBlock(`deconv ${kernelSize}×${kernelSize}`, deconv({ filters: 6, kernelSize }), {
    input: [4, 3, 8],
    output: [8, 6, 6],
    params: 48 * kernelSize ** 2,
    golden: `deconv_8_6_k${kernelSize}`,
  });
  describeBlock(
    `deconv ${kernelSize}×${kernelSize} in 256 groups`,
    deconv({ filters: 256, kernelSize, groups: 'max' }),
    {
      input: [3, 2, 512],
      output: [6, 4, 256],
      params: 512 * kernelSize ** 2,
      golden: `groupdeconv_512_256_k${kernelSize}`,
    },
  );
}
describeBlock('deconv in groups of several outputs', deconv({ filters: 6, kernelSize: 4, groups: 2 }), {
  input: [3, 2, 4],
  output: [6, 4, 6],
  params: 192,
});

describeBlock('deconvHead, grouped', deconvHead({ keypoints: 5, filters: [16, 16], groups: 'max', pointwise: true }), {
  input: [3, 2, 32],
  output: [12, 8, 5],
  params: 1493,
  golden: 'lpn_head_c32_16',
});

describeBlock('deconvHead, dense', deconvHead({ keypoints: 5, filters: [8, 8, 8] }), {
  input: [2, 2, 16],
  output: [16, 16, 5],
  params: 4189,
  golden: 'sb_head_k4_final1',
});
describeBlock(
  'deconvHead, dense, of 3×3 kernels',
  deconvHead({ keypoints: 5, filters: [8, 8], kernelSize: 3, finalKernelSize: 3 }),
  { input: [3, 2, 16], output: [12, 8, 5], params: 2125, golden: 'sb_head_k3_final3' },
);

describe('deconvHead', () => {
  const features = input({ shape: [3, 2, 512] });
  it.each([
    [
      'groups that do not divide',
      { filters: [256], groups: 96 },
      'deconv_layers.0: groups must divide both input channels and filters. Received: groups=96, input channels=512, filters=256.',
    ],
    [
      'a kernel that is not there',
      { filters: [256], kernelSize: 5 as 4 },
      'deconv_layers.0: kernelSize of a transposed convolution must be 2, 3 or 4. Received: 5.',
    ],
    [
      'no keypoints',
      { filters: [256], keypoints: 0 },
      'deconvHead: keypoints must be a positive integer. Received: 0.',
    ],
    [
      'a last kernel that is not there',
      { filters: [256], finalKernelSize: 2 as 1 },
      'deconvHead: finalKernelSize must be 1 or 3. Received: 2.',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => deconvHead({ keypoints: 17, ...options })(features, '')).toThrow(new RangeError(message));
  });
});
