import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { apply } from './apply';
import { batchNorm } from './batch-norm';
import { chain, channels, join, type Block } from './block';
import { conv, depthwiseConv, relu } from './layers';

/** [height, width] of a map whose channels are split; tfjs' reshaping must know them. */
function sizeOf(x: SymbolicTensor, name: string): [number, number] {
  const [, height, width] = x.shape;
  if (!height || !width) {
    throw new RangeError(
      `${name}: splitting channels needs a fixed height and width. Received: [${x.shape.join(', ')}]. Give the input a full shape.`,
    );
  }
  return [height, width];
}

const reshape = (x: SymbolicTensor, targetShape: number[], name: string): SymbolicTensor =>
  apply(layers.reshape({ targetShape, name }), x);

/**
 * Channel shuffle (Zhang et al. 2018, ShuffleNet): channel g·C/groups + i moves to i·groups + g, which mixes the groups.
 * [N, H, W, C] → [N, H, W, C], by stock reshapes and one permutation.
 *
 * @throws RangeError when the groups do not divide the channels.
 * @example channelShuffle({ groups: 2 })(x, 'shuffle')
 */
export function channelShuffle({ groups = 2 }: { groups?: number } = {}): Block {
  return (x, name) => {
    const [height, width] = sizeOf(x, name);
    const count = channels(x);
    if (!Number.isInteger(groups) || groups < 1 || count % groups !== 0) {
      throw new RangeError(`${name}: groups must divide the channels. Received: groups=${groups}, channels=${count}.`);
    }
    const split = reshape(x, [height * width, groups, count / groups], join(name, 'split'));
    const swapped = apply(layers.permute({ dims: [1, 3, 2], name: join(name, 'permute') }), split);
    return reshape(swapped, [height, width, count], name);
  };
}

/** The two halves of the channels. They are moved to a separate axis and cropped: tfjs-layers cannot slice the last axis. */
function halves(x: SymbolicTensor, name: string): [SymbolicTensor, SymbolicTensor] {
  const [height, width] = sizeOf(x, name);
  const half = channels(x) / 2;
  const pair = reshape(x, [height * width, 2, half], join(name, 'split'));
  const take = (index: 0 | 1): SymbolicTensor => {
    const cropping: [[number, number], [number, number]] = [
      [0, 0],
      [index, 1 - index],
    ];
    const cropped = apply(layers.cropping2D({ cropping, name: join(name, `crop${index}`) }), pair);
    return reshape(cropped, [height, width, half], join(name, `half${index}`));
  };
  return [take(0), take(1)];
}

/**
 * The unit of ShuffleNetV2 (Ma et al. 2018, figure 3c, d). With stride 1, one half of the channels passes unchanged and the other is transformed; with stride 2
 * both branches take all channels. A channel shuffle follows. [N, H, W, C] → [N, H/strides, W/strides, filters]. Equal to torchvision's `InvertedResidual`.
 *
 * @throws RangeError when filters are odd, or the stride is 1 and the input has another number of channels.
 * @example shuffleUnit({ filters: 244, strides: 2 })(x, 'stage2.0')
 */
export function shuffleUnit({ filters, strides = 1 }: { filters: number; strides?: number }): Block {
  const half = filters / 2;
  const pointwise = (): Block[] => [conv({ filters: half, kernelSize: 1 }), batchNorm(), relu()];
  const spatial = (): Block[] => [depthwiseConv({ kernelSize: 3, strides }), batchNorm()];
  const branch1 = chain([...spatial(), ...pointwise()]);
  const branch2 = chain([...pointwise(), ...spatial(), ...pointwise()]);
  return (x, name) => {
    if (!Number.isInteger(half) || (strides === 1 && channels(x) !== filters)) {
      throw new RangeError(
        `${name}: filters must be even, and equal to the input channels where the stride is 1. Received: filters=${filters}, input channels=${channels(x)}.`,
      );
    }
    const [kept, transformed] = strides === 1 ? halves(x, name) : [branch1(x, join(name, 'branch1')), x];
    const both = apply(layers.concatenate({ axis: -1, name: join(name, 'concat') }), [
      kept,
      branch2(transformed, join(name, 'branch2')),
    ]);
    return channelShuffle({ groups: 2 })(both, join(name, 'shuffle'));
  };
}
