import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { syntheticPeople, topDown, wholeImageCrop, type Person } from 'poseblocks/datasets';
import { compile } from 'poseblocks/inference';
import { imageFolder, readCocoFile, readMpiiFile } from 'poseblocks/datasets/node';
import { COCO, convertKeypoints, LSP, MPII, type Keypoints, type KeypointSet } from 'poseblocks/keypoints';
import { meanPose, torsoPck, type TorsoPckMetrics } from 'poseblocks/metrics';
import { measureBatchPck, predictPeople, type PosePrediction } from 'poseblocks/training';
import { bothWays } from './both-ways';
import { codec } from './networks';
import { testPeople, trainingDataset, type People } from './people';

/** Keypoints that LSP shares with COCO: all but neck and head. */
const TWELVE = 12;
const SYNTHETIC = 200;

/** PCK in one way of measuring, fractions. */
export interface Measured {
  readonly mean: number;
  /** Left and right averaged. */
  readonly paired: Readonly<Record<string, number>>;
  readonly people: number;
}

/** Everything that a model card says of a network. */
export interface WeightsMetrics {
  /** PCK@0.2 of the torso on persons cropped by their keypoints' box, with the flip test unless said. */
  readonly person: Measured;
  readonly observer: Measured;
  readonly withoutFlip: Measured;
  /** What a network that never looks would have: the training part's mean pose within the box. */
  readonly meanPose: Measured;
  /** On whole images, letterboxed, as MoveNet was measured; over the twelve keypoints of COCO. */
  readonly wholeImageTwelve: number;
  readonly personTwelve: number;
  /** Paper 000's protocol: whole images, stretched; without the flip test. */
  readonly paper000: Measured;
  /** Synthetic people of this library, keypoints by name. */
  readonly synthetic: Measured;
  /** The photographs of COCO and MPII, keypoints by name, where they are there. */
  readonly photographs: Readonly<Record<string, Measured>>;
}

/** Measures a network on LSP-test and beside it. `data` holds `lsp/`, and `coco/` and `mpii/` if they are there. */
export async function measure(model: LayersModel, data: string): Promise<WeightsMetrics> {
  const network = await compile(model);
  const test = await testPeople(data);
  const crops = (people: People, crop?: ReturnType<typeof wholeImageCrop>) => () =>
    topDown({ ...people, codec, batchSize: 32, ...(crop && { crop }) });
  const found = async (people: People, crop?: ReturnType<typeof wholeImageCrop>) =>
    asPairs(await predictPeople(network, { batches: crops(people, crop), codec, flip: LSP }));
  const { truth, flipped, plain } = await bothWays((images) => network(images) as tf.Tensor4D, crops(test)(), {
    codec,
  });
  const person = torsoPck(flipped['codec']!, truth);
  const whole = await found(test, wholeImageCrop());
  const batch = await measureBatchPck(network, { batches: crops(test, wholeImageCrop({ fit: 'stretch' })), codec });
  const drawn = syntheticPeople({ seed: 701, count: SYNTHETIC });
  const synthetic = await found({ ...drawn, persons: named(drawn.persons, drawn.keypointSet) });
  const photographs = await onPhotographs(data, found);
  network.dispose();
  return {
    person: measured(person),
    observer: measured(torsoPck(flipped['codec']!, truth, { centric: 'observer' })),
    withoutFlip: measured(torsoPck(plain['codec']!, truth)),
    meanPose: measured(await withMeanPose(test, data)),
    wholeImageTwelve: twelve(torsoPck(whole.predicted, whole.truth)),
    personTwelve: twelve(person),
    paper000: { mean: batch.mean, paired: batch.paired, people: test.persons.length },
    synthetic: measured(torsoPck(synthetic.predicted, synthetic.truth)),
    photographs,
  };
}

interface Pairs {
  readonly predicted: readonly Keypoints<'image'>[];
  readonly truth: readonly Keypoints<'image'>[];
}

const asPairs = (people: readonly PosePrediction[]): Pairs => ({
  predicted: people.map(({ keypoints }) => keypoints),
  truth: people.map(({ sample }) => sample.keypoints),
});

async function withMeanPose({ persons }: People, data: string): Promise<TorsoPckMetrics> {
  const baseline = meanPose((await trainingDataset(data)).persons.filter(({ box }) => box[2] > 0 && box[3] > 0));
  return torsoPck(persons.map(({ box }) => baseline(box)), persons.map(({ keypoints }) => keypoints)); // prettier-ignore
}

const measured = ({ mean, paired, people }: TorsoPckMetrics): Measured => ({ mean, paired, people });
const twelve = ({ perKeypoint }: TorsoPckMetrics): number =>
  perKeypoint.slice(0, TWELVE).reduce((sum, value) => sum + value, 0) / TWELVE;

/** People with their keypoints by LSP's names; the neck is MPII's upper neck, and COCO has none. */
function named(persons: readonly Person[], set: KeypointSet): Person[] {
  const derive = set.names.includes('upper_neck') ? { neck: 'upper_neck' } : {};
  return persons.map((person) => ({ ...person, keypoints: convertKeypoints(person.keypoints, set, LSP, derive) }));
}

async function onPhotographs(
  data: string,
  found: (people: People) => Promise<Pairs>,
): Promise<Record<string, Measured>> {
  const figures: Record<string, Measured> = {};
  const sets = [
    ['coco', 'test_coco.json', readCocoFile, COCO],
    ['mpii', 'test_mpii.json', readMpiiFile, MPII],
  ] as const;
  for (const [folder, file, read, set] of sets) {
    const path = join(data, folder, file);
    if (!existsSync(path)) continue;
    const { persons } = await read(path);
    const people = { persons: named(persons, set), readImage: imageFolder(join(data, folder)) };
    const { predicted, truth } = await found(people);
    figures[folder] = measured(torsoPck(predicted, truth));
  }
  return figures;
}
