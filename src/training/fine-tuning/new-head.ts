import { initializers, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';

type Layer = LayersModel['layers'][number];

/**
 * The same network with new last convolutions, for other keypoints. It shares all earlier layers with the old
 * network, which must not be used or disposed any more. The new kernels are N(0, 0.001²) and the biases 0, as in the papers.
 *
 * @throws RangeError when an output is not made by a convolution, or is used again within the network (all hourglass
 *   stacks but the last): rebuild the network for these keypoints, then use {@link loadFitting}.
 * @example
 * const network = newHead(await trainedOnCoco(), 14);
 * freeze(network, ['conv1', 'bn1', 'layer1']);
 */
export function newHead(
  network: LayersModel,
  keypoints: number,
  {
    seed = 0,
  }: {
    /** Seed of the new kernels. @defaultValue 0 */
    readonly seed?: number;
  } = {},
): LayersModel {
  if (!(Number.isInteger(keypoints) && keypoints > 0)) {
    throw new RangeError(`newHead: keypoints must be a positive integer. Received: ${keypoints}.`);
  }
  const outputs = network.outputs.map((output, i) => {
    const { sourceLayer } = output;
    if (sourceLayer.getClassName() !== 'Conv2D') {
      throw new RangeError(
        `newHead: outputs must be made by a convolution. Received: ${sourceLayer.getClassName()} "${sourceLayer.name}".`,
      );
    }
    if (network.layers.some((layer) => feeds(sourceLayer, layer))) {
      throw new RangeError(
        `newHead: outputs must not be used within the network. Received: "${sourceLayer.name}". ` +
          'Rebuild the network for these keypoints, then use loadFitting.',
      );
    }
    const { dtype: _dtype, batchInputShape: _shape, ...config } = sourceLayer.getConfig() as Record<string, unknown>;
    const head = layers.conv2d({
      ...(config as unknown as Parameters<typeof layers.conv2d>[0]), // the constructor accepts the result of getConfig()
      filters: keypoints,
      kernelInitializer: initializers.randomNormal({ stddev: 0.001, seed: seed + i + 1 }),
      biasInitializer: 'zeros',
    });
    return head.apply(sourceLayer.input as SymbolicTensor) as SymbolicTensor;
  });
  return model({ inputs: network.inputs, outputs, name: network.name });
}

function feeds(source: Layer, layer: Layer): boolean {
  // Missing from tfjs' types of a layer.
  const { inboundNodes } = layer as unknown as { inboundNodes: { inboundLayers: Layer[] }[] };
  return inboundNodes.some((node) => node.inboundLayers.includes(source));
}
