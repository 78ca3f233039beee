import type { LayersModel } from '@tensorflow/tfjs-layers';
import { LSP } from 'poseblocks/keypoints';
import { poseModel } from 'poseblocks/models';
import { savePoseModelFile } from 'poseblocks/models/node';
import { codec, type WeightsName } from './networks';

/** What a file of weights says of itself. */
export const provenanceOf = (
  name: WeightsName,
  { taught }: { readonly taught: boolean },
): Readonly<Record<string, string>> => ({
  recipe: name,
  data: `Leeds Sports Poses, training part, and its extended training set${taught ? ' (labels corrected by MoveNet Thunder)' : ''}`,
  license: 'see the model card of poseblocks-weights',
  version: '0.2.0',
});

/** Writes a network as a pose model of 16-bit weights, with where it comes from. What was measured stands in figures.json and in the model card. */
export async function saveWeights(
  name: WeightsName,
  network: LayersModel,
  path: string,
  { taught, training }: { readonly taught: boolean; readonly training?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const provenance = { ...provenanceOf(name, { taught }), ...(training && { training }) };
  await savePoseModelFile(path, poseModel({ network, codec, keypointSet: LSP, provenance }), { dtype: 'float16' });
}
