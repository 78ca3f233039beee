import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fixedShape, type LayerNode, walk } from '../../graph';

const STATISTICS = /^moving_(mean|variance)$/;

/** Over the layers of a network. The check is its own, because `requireNetwork` would be a third of a lone import. */
function total(where: string, network: LayersModel, of: (node: LayerNode) => number): number {
  if (!(network as LayersModel | undefined)?.layers)
    throw new TypeError(
      `${where}: network must be a LayersModel (model.network). Received: ${network as unknown as string}.`,
    );
  return walk(network).nodes.reduce((sum, node) => sum + of(node), 0);
}

/** Parameters of a layer, without the statistics of batch normalisation. */
export const paramsOf = ({ weights, shared }: LayerNode, trainable = false): number =>
  (shared ? [] : weights).reduce(
    (sum, weight) => (STATISTICS.test(weight.name) || (trainable && !weight.trainable) ? sum : sum + weight.size),
    0,
  );

/** Running means and variances of a layer. */
export const statisticsOf = ({ weights, shared }: LayerNode): number =>
  (shared ? [] : weights).reduce((sum, { name, size }) => (STATISTICS.test(name) ? sum + size : sum), 0);

/** Positions at which a kernel is applied: `real`, or `paper` as published tables count. */
type Positions = (node: LayerNode) => number;
const cells = (shape: readonly number[]): number => shape.slice(0, -1).reduce((a, b) => a * b, 1);
const output: Positions = ({ name, outputShapes }) => cells(fixedShape(name, outputShapes[0]!));
const input: Positions = ({ name, inputShapes }) => cells(fixedShape(name, inputShapes[0]!));

const CONVOLUTIONS: Readonly<Record<string, Positions>> = {
  Conv1D: output,
  Conv2D: output,
  DepthwiseConv2D: output,
  SeparableConv2D: output,
  Dense: output,
  'PoseBlocks>GroupedConv2D': output,
  Conv2DTranspose: input,
  'PoseBlocks>GroupedConv2DTranspose': input,
};

function kernelsAt(node: LayerNode, convention: 'real' | 'paper'): number {
  const kernels = node.weights.filter(({ name }) => name.endsWith('kernel')).reduce((sum, { size }) => sum + size, 0);
  const positions = CONVOLUTIONS[node.kind];
  if (positions) return kernels * (convention === 'real' ? positions : output)(node);
  if (kernels === 0) return 0;
  throw new RangeError(
    `${node.name}: no rule exists to count the multiply–adds of this layer. Received: class ${node.kind}. Known are ${Object.keys(CONVOLUTIONS).join(', ')}.`,
  );
}

/** Real multiply–adds of a layer, see {@link countMacs}. */
export const macsOf = (node: LayerNode): number => kernelsAt(node, 'real');

/**
 * Number of parameters of a network: every weight that training could change, frozen or not. Statistics of batch normalisation are not parameters.
 *
 * @throws TypeError when `network` is no network.
 * @example countParams(lpn('lpn-50')) // 2_911_153
 */
export function countParams(network: LayersModel): number {
  return total('countParams', network, paramsOf);
}

/**
 * Number of parameters that training changes: those of {@link countParams} without frozen layers.
 *
 * @example countTrainableParams(lspBaseline('freezeall')) // 10_519_566
 */
export function countTrainableParams(network: LayersModel): number {
  return total('countTrainableParams', network, (node) => paramsOf(node, true));
}

/**
 * Number of running means and variances of batch normalisation, which are not parameters.
 *
 * @example countRunningStatistics(lpn('lpn-50')) // 26_624
 */
export function countRunningStatistics(network: LayersModel): number {
  return total('countRunningStatistics', network, statisticsOf);
}

/**
 * Multiply–adds per sample in convolutions, transposed convolutions and dense layers: the weights of each times the positions at which they are applied,
 * which are the *input* positions of a transposed convolution. Biases, normalisation, activation, pooling and attention's weighted sums are not counted.
 *
 * @throws RangeError when the input shape is not fixed, or a layer with a kernel is of an unknown class.
 * @example countMacs(simpleBaseline('resnet-50')) // 5_426_380_800; published as 8.9 G, see {@link countMacsOfPaper}
 */
export function countMacs(network: LayersModel): number {
  return total('countMacs', network, macsOf);
}

/**
 * Multiply–adds as published tables count them ("FLOPs", after division by 2³⁰): weights times *output* positions, for every layer. This counts a
 * transposed convolution with stride 2 four times. It is the rule of HRNet's and LPN's `get_model_summary`.
 *
 * @example countMacsOfPaper(simpleBaseline('resnet-50')) / 2 ** 30 // 8.99
 */
export function countMacsOfPaper(network: LayersModel): number {
  return total('countMacsOfPaper', network, (node) => kernelsAt(node, 'paper'));
}
