import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../../bytes';
import { bottleneck, join, maxPool, resnetStem, type BottleneckOptions } from '../../blocks';
import { feature, requireVariant, type Backbone, type Feature } from './backbone';
import { RESNET, type Four } from './resnet';

/** The ResNets that are built of bottlenecks. */
export type DilatedResnetVariant = 'resnet-50' | 'resnet-101' | 'resnet-152';

/** Options of {@link dilatedResnet}. */
export interface DilatedResnetOptions {
  /** Input pixels per cell of the last map. @defaultValue 8 */
  outputStride?: 8 | 16;
  /**
   * Position of strides and dilations. `'torchvision'`: the first block of a stage has the stride, and the first block of a dilated stage keeps the previous dilation
   * (`replace_stride_with_dilation`). `'slim'`: the last block of a stage has the stride, its shortcut takes every other pixel, and whole stages are dilated.
   * The weights are the same, the function differs. @defaultValue 'torchvision'
   */
  rule?: 'torchvision' | 'slim';
  /** The convolution of a block that has the stride. @defaultValue '3x3' */
  strideOn?: '1x1' | '3x3';
  /** Blocks in each stage. @defaultValue those of the variant */
  depths?: Four<number>;
  /** Channels inside the blocks of each stage, a quarter of their output channels. @defaultValue [64, 128, 256, 512] */
  widths?: Four<number>;
}

type Unit = Pick<BottleneckOptions, 'strides' | 'dilation' | 'project'>;

/** Every other pixel: slim's shortcut of a block that has the stride and keeps its channels. */
const subsample = ({ strides }: { strides: number }): ReturnType<typeof maxPool> => maxPool({ poolSize: 1, strides });

/** Stride and dilation of every block of the four stages, from stride 4 on. */
function plan(depths: readonly number[], outputStride: number, rule: 'torchvision' | 'slim'): Unit[][] {
  // torchvision puts the stride at the start of stages 2 to 4, slim at the end of stages 1 to 3.
  const factors = rule === 'torchvision' ? [1, 2, 2, 2] : [2, 2, 2, 1];
  let [stride, dilation] = [4, 1];
  return depths.map((depth, stage) => {
    const before = dilation;
    const strides = stride < outputStride ? factors[stage]! : 1;
    stride *= strides;
    const grown = dilation * (factors[stage]! / strides);
    dilation = grown;
    return Array.from({ length: depth }, (_, i): Unit => {
      if (rule === 'torchvision') return i === 0 ? { strides, dilation: before } : { strides: 1, dilation: grown };
      const last = i === depth - 1 && strides > 1;
      return last ? { strides, dilation: before, project: subsample } : { strides: 1, dilation: before };
    });
  });
}

/** A dilated ResNet that exposes the output of each block, which a head in the middle of a stage needs. */
export interface DilatedBackbone extends Backbone {
  /** The output of every block by its path: `layer3.12`. */
  readonly blocks: (image: SymbolicTensor, name: string) => ReadonlyMap<string, SymbolicTensor>;
}

/**
 * A ResNet whose last stages dilate their 3×3 convolutions in place of strides, so that the maps stay large: [N, H, W, 3] → [N, H/8, W/8, 2048] (or H/16). With sizes
 * of 8n + 1 (16n + 1) pixels, cell i is at pixel 8i. Layer names are torchvision's, so its checkpoints load. `GroupedConv2D` provides the gradient that tfjs lacks.
 *
 * Equal to torchvision's `replace_stride_with_dilation` and to TF-slim's `resnet_v1(output_stride)`.
 *
 * @throws RangeError for an unknown variant, output stride or rule, or a count that is not a positive integer.
 * @example const [, , map] = dilatedResnet('resnet-101', { outputStride: 8 }).features(image, 'backbone');
 */
export function dilatedResnet(variant: DilatedResnetVariant, options: DilatedResnetOptions = {}): DilatedBackbone {
  const { 'resnet-18': _18, 'resnet-34': _34, ...deep } = RESNET;
  requireVariant('dilatedResnet', variant, deep);
  knownOptions('dilatedResnet', options, ['outputStride', 'rule', 'strideOn', 'depths', 'widths']);
  const { outputStride = 8, rule = 'torchvision', strideOn = '3x3' } = options;
  const { depths = deep[variant].depths, widths = [64, 128, 256, 512] } = options;
  if (outputStride !== 8 && outputStride !== 16) {
    throw new RangeError(`dilatedResnet: outputStride must be 8 or 16. Received: ${String(outputStride)}.`);
  }
  requireVariant('dilatedResnet', rule, { torchvision: 1, slim: 1 }, 'rule');
  if (![...depths, ...widths].every((count) => Number.isInteger(count) && count > 0)) {
    throw new RangeError(
      `dilatedResnet: depths and widths must be positive integers. Received: [${depths.join(', ')}] and [${widths.join(', ')}].`,
    );
  }
  const stages = plan(depths, outputStride, rule);
  const blocks: DilatedBackbone['blocks'] = (image, name) => {
    let x = resnetStem({ filters: 64 })(image, name);
    const outputs = new Map<string, SymbolicTensor>();
    stages.forEach((units, stage) =>
      units.forEach((unit, i) => {
        const path = `layer${stage + 1}.${i}`;
        x = bottleneck({ filters: widths[stage]!, strideOn, ...unit })(x, join(name, path));
        outputs.set(path, x);
      }),
    );
    return outputs;
  };
  return {
    children: ['conv1', 'bn1', 'relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4'],
    blocks,
    features: (image, name) => {
      const outputs = blocks(image, name);
      return stages.map((units, stage): Feature =>
        feature(image, outputs.get(`layer${stage + 1}.${units.length - 1}`)!),
      );
    },
  };
}
