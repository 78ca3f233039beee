import { model, type LayersModel } from '@tensorflow/tfjs-layers';

/**
 * The part of a network that its last output needs: what intermediate supervision (of stacks, or of GlobalNet) trained by is left out. It shares its weights
 * with the network, so disposing either ends both. Same input; one output in place of a list.
 *
 * @example
 * const trained = cpn('cpn-50');
 * const deployed = lastOutput(trained); // 26,985,826 of 27,406,826 parameters
 */
export function lastOutput(network: LayersModel): LayersModel {
  return model({ inputs: network.inputs, outputs: network.outputs.at(-1)!, name: network.name });
}
