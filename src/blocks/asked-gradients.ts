import * as tf from '@tensorflow/tfjs-core';
import { LayersModel, type layers } from '@tensorflow/tfjs-layers';

type LayerVariable = { read(): tf.Tensor };
/** The fields of tfjs-layers' Conv2D that are read here; tfjs-layers exports no type for them. */
type Convolution = layers.Layer & {
  kernel: LayerVariable;
  bias: LayerVariable | null;
  strides: [number, number];
  padding: string;
};

/**
 * Makes a stock Conv2D layer without activation compute only the gradients that training needs. tfjs always computes the gradients of
 * both input and kernel, even for the image and for frozen weights. The values do not change.
 */
export function computeAskedGradients(layer: layers.Layer): layers.Layer {
  const convolution = layer as unknown as Convolution;
  const stock = convolution.call.bind(convolution);
  convolution.call = (inputs, kwargs) => {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
    const registered = Boolean(tf.getGradient('FusedConv2D')); // by useEngine
    if (!kwargs['training'] || x.rank !== 4 || x.dtype !== 'float32' || !registered) return stock(inputs, kwargs);
    const { kernel, bias, strides, padding } = convolution;
    const values = { x, filter: kernel.read(), ...(bias && { bias: bias.read() }) };
    const attrs = { strides, pad: padding, dataFormat: 'NHWC', dilations: [1, 1], activation: 'linear' };
    return tf.engine().runKernel<tf.Tensor>('FusedConv2D', values, attrs);
  };
  return layer;
}

/** @internal {@link computeAskedGradients} of every stock convolution of a loaded network that the blocks could have made: it trains at the speed of the built one. */
export function computeAskedGradientsOf(network: LayersModel): void {
  for (const layer of network.layers) {
    if (layer instanceof LayersModel) computeAskedGradientsOf(layer);
    else if (layer.getClassName() === 'Conv2D' && isPlain(layer.getConfig())) computeAskedGradients(layer);
  }
}

const isPlain = ({ activation, dataFormat, dilationRate }: Record<string, unknown>): boolean =>
  activation === 'linear' && dataFormat === 'channelsLast' && [dilationRate].flat().every((rate) => rate === 1);
