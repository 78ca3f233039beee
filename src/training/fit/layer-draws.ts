import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * A layer that draws random numbers from its seed in training, like `FractionalMaxPooling2D`. `draws` counts its passes; the next draw depends on seed and count,
 * so setting the count determines the draws.
 */
interface DrawingLayer {
  draws: number;
}

const isDrawing = (layer: object): layer is DrawingLayer => 'draws' in layer && typeof layer.draws === 'number';

/** The drawing layers of a network, including those of nested networks. */
function drawingLayers(layers: readonly object[]): DrawingLayer[] {
  return layers.flatMap((layer) =>
    'layers' in layer ? drawingLayers((layer as LayersModel).layers) : isDrawing(layer) ? [layer] : [],
  );
}

/** Returns a function that sets the draw counters of the network's random layers to a training pass, counted from 0. */
export function layerDraws(network: LayersModel): (pass: number) => void {
  const layers = drawingLayers(network.layers);
  return (pass) => layers.forEach((layer) => (layer.draws = pass));
}
