import type { LayerNode } from '../../graph';
import type { Uses } from './uses';

/** The layers of a Global Context block's attention pooling, which one kernel can compute. */
export interface AttentionLayers {
  /** Names of the map, and of the pooled [N, 1, 1, C]. */
  readonly map: string;
  readonly pooled: string;
  /** The 1×1 convolution to the logits. */
  readonly mask: LayerNode;
  /** All of them, in order. */
  readonly nodes: readonly LayerNode[];
}

/**
 * The attention pooling around a `Dot` layer, as `globalContext` builds it: a mask of the map, its softmax over the pixels, and their product with the map; undefined
 * where the layers are others, or something else reads one of them.
 */
export function attentionAround(dot: LayerNode, uses: Uses): AttentionLayers | undefined {
  /** The node of a kind with one input, of which only this one use is made. */
  const alone = (name: string | undefined, kind: string): LayerNode | undefined => {
    const node = uses.maker(name);
    return node?.kind === kind && node.inputs.length === 1 && uses.onlyReader(name) ? node : undefined;
  };
  const values = alone(dot.inputs[0], 'Reshape');
  const weights = alone(dot.inputs[1], 'Reshape');
  const softmax = alone(weights?.inputs[0], 'Softmax');
  const logits = alone(softmax?.inputs[0], 'Reshape');
  const mask = alone(logits?.inputs[0], 'Conv2D');
  const after = uses.onlyReader(dot.name);
  const known = values && weights && softmax && logits && mask && after?.kind === 'Reshape';
  if (!known || values.inputs[0] !== mask.inputs[0]) return undefined;
  const { kernelSize, strides, useBias, activation } = mask.layer.getConfig();
  const { axes } = dot.layer.getConfig();
  const pointwise = String(kernelSize) === '1,1' && String(strides) === '1,1' && useBias && activation === 'linear';
  const [height, width, channels] = mask.inputShapes[0]!;
  const pixels = height == null || width == null ? NaN : height * width;
  const shapes = [logits, softmax, weights, values, after].map(({ outputShapes }) => String(outputShapes[0]));
  const wanted = [`${pixels}`, `${pixels}`, `${pixels},1`, `${pixels},${channels}`, `1,1,${channels}`];
  if (!pointwise || axes !== 1 || String(shapes) !== String(wanted)) return undefined;
  return {
    map: values.inputs[0]!,
    pooled: after.name,
    mask,
    nodes: [mask, logits, softmax, weights, values, dot, after],
  };
}
