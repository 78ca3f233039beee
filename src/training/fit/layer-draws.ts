import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * A layer that draws from a seed of its own in training, as `FractionalMaxPooling2D` does. `draws` counts its passes; the next one is drawn from seed and count,
 * so that whoever sets the count says what is drawn.
 */
interface DrawingLayer {
  draws: number;
}

const isDrawing = (layer: object): layer is DrawingLayer => 'draws' in layer && typeof layer.draws === 'number';

/** The layers of a network that draw, those of networks within it included. */
function drawingLayers(layers: readonly object[]): DrawingLayer[] {
  return layers.flatMap((layer) =>
    'layers' in layer ? drawingLayers((layer as LayersModel).layers) : isDrawing(layer) ? [layer] : [],
  );
}

/** A function that makes the layers of a network that draw at random draw what belongs to a pass in training, counted from 0. */
export function layerDraws(network: LayersModel): (pass: number) => void {
  const layers = drawingLayers(network.layers);
  return (pass) => layers.forEach((layer) => (layer.draws = pass));
}
