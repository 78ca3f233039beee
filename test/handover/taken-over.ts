import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { personCrop, writeCoco, type Person } from 'poseblocks/datasets';
import type { HandoverSettings } from 'poseblocks/handover';
import type { KeypointSet } from 'poseblocks/keypoints';
import { toCocoResult } from 'poseblocks/metrics';
import { loadPoseModelFile } from 'poseblocks/models/node';
import type { TensorArray } from 'poseblocks/postprocess';
import { runCommand } from '../support/run-command';
import { floats, largest } from './harness';

interface Report {
  readonly summary: Readonly<Record<string, number>>;
}

export interface TakenOver {
  /** The largest difference between our output and Keras', for each output in its standard deviations. */
  readonly apart: readonly number[];
  /** What `poseblocks eval` prints, PCK@0.2 and COCO's metrics with each keypoint, for our predictions and for Keras'. */
  readonly ours: readonly Report[];
  readonly theirs: readonly Report[];
  /** PCK@0.2 as train.py validates, with the flip test where it has one. */
  readonly validated: number;
}

async function command(...args: string[]): Promise<string> {
  const { code, out, err } = await runCommand(args);
  if (code !== 0) throw new Error(`poseblocks ${args[0]} ended with ${code}: ${err}`);
  return out;
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/**
 * Takes over the last weights of a run by the command, and compares the network with what Keras predicted for the validation images.
 *
 * @param shapes of the arrays images and output.0, output.1, … that harness.py has written into the folder.
 */
export async function takenOver(
  out: string,
  { validation }: HandoverSettings,
  shapes: Readonly<Record<string, number[]>>,
  persons: readonly Person[],
  keypointSet: KeypointSet,
): Promise<TakenOver> {
  const file = join(out, 'taken.safetensors');
  await command('takeover', out, '--which', 'last', '--out', file, '--engine', 'wasm');
  const { network, codec } = await loadPoseModelFile(file);
  const input = tf.tensor(await floats(out, 'images'), shapes['images']!);

  const predict = async (images: tf.Tensor): Promise<TensorArray[]> => {
    const outputs = [network.predict(images)].flat();
    const arrays = outputs.map(async (output) => ({ values: (await output.data()) as Float32Array, shape: output.shape }));
    return Promise.all(arrays).finally(() => tf.dispose(outputs));
  }; // prettier-ignore
  const ours = await predict(input);
  const theirs = await Promise.all(ours.map(async ({ shape }, i) => ({ shape, values: await floats(out, `output.${i}`) }))); // prettier-ignore
  const apart = ours.map(({ values }, i) => largest(values, theirs[i]!.values) / deviation(values));

  // Each person in an image of its own, so that no detection can meet another.
  const alone = persons.map((person, n) => ({ ...person, id: n + 1, imageId: n + 1, fileName: `${n}.png` }));
  const annotations = join(out, 'annotations.json');
  await writeFile(annotations, JSON.stringify(writeCoco({ persons: alone, keypointSet })));
  const target = codec.toJSON()['codec'] === 'simcc' ? 2 : 1; // of several stacks, the last counts
  const evaluated = async (outputs: readonly TensorArray[]): Promise<Report[]> => {
    const poses = codec.decodeArrays(outputs.slice(-target));
    const results = poses.map((pose, n) => toCocoResult(personCrop(persons[n]!, codec.inputSize).toImage(pose), { imageId: n + 1 })); // prettier-ignore
    const path = join(out, 'results.json');
    await writeFile(path, JSON.stringify(results));
    const asked = ['eval', '--annotations', annotations, '--results', path, '--json', '--per-keypoint', '--quiet'];
    const printed = [await command(...asked, '--metric', 'pck', '--of', 'all', '--threshold', '0.2'), await command(...asked)]; // prettier-ignore
    return printed.map((text) => JSON.parse(text) as Report);
  };

  const mirrored = tf.reverse(input, 2);
  const merged = validation.flip
    ? codec.mergeFlipArrays(ours.slice(-target), (await predict(mirrored)).slice(-target), keypointSet)
    : ours;
  const [pck] = await evaluated(merged);
  const metrics = { ours: await evaluated(ours), theirs: await evaluated(theirs) };
  tf.dispose([input, mirrored]);
  network.dispose();
  return { apart, ...metrics, validated: pck!.summary['PCK']! };
}
