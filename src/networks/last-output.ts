import { model, type LayersModel } from '@tensorflow/tfjs-layers';

/**
 * The part of a network that its last output needs. It leaves out the layers of intermediate supervision (of stacks, or of GlobalNet). It shares its weights
 * with the network, so disposing either disposes both. Same input; one output in place of a list.
 *
 * @example
 * const trained = cpn('cpn-50');
 * const deployed = lastOutput(trained); // 26,985,826 of 27,406,826 parameters
 */
export function lastOutput(network: LayersModel): LayersModel {
  return model({ inputs: network.inputs, outputs: network.outputs.at(-1)!, name: network.name });
}
