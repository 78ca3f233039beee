import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { compile } from 'poseblocks/inference';
import { COCO } from 'poseblocks/keypoints';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { RECIPES, reportedHere, type Recipe } from 'poseblocks/recipes';
import { predictPeople, reviewPeople, trainingAdvice, trainingReport, type EpochRecord, type Review } from 'poseblocks/training'; // prettier-ignore

beforeAll(() => useEngine('wasm').then(() => undefined));
const history = (metrics: readonly number[], losses: readonly number[] = metrics): EpochRecord[] =>
  metrics.map((PCK, epoch) => ({ epoch, step: epoch, loss: losses[epoch]!, learningRate: 1e-3, metrics: { PCK } }));

describe('reviewPeople and trainingReport', () => {
  it('give the figures of validation, the least exact first, and a page that stands alone', async () => {
    const model = await loadPoseModelFile('weights/synthetic-small.safetensors');
    const { codec, network } = model;
    const data = syntheticPeople({ seed: 9, count: 12, people: [1, 1] });
    const batches = () => topDown({ ...data, codec, batchSize: 5 });
    const before = tf.memory().numTensors;
    const review = await reviewPeople(network, { batches, codec, keypointSet: COCO, keep: 3 });
    expect(tf.memory().numTensors).toBe(before);

    const people = await predictPeople(network, { batches, codec });
    const compiled = await compile(network);
    const quick = await predictPeople(compiled, { batches, codec, flip: COCO });
    const slow = await predictPeople(network, { batches, codec, flip: COCO });
    quick.forEach(({ keypoints }, n) =>
      keypoints.xy.forEach((value, i) => expect(Math.abs(value - slow[n]!.keypoints.xy[i]!)).toBeLessThan(0.01)),
    );
    compiled.dispose();
    const errors = people.map(({ sample, keypoints }) => {
      const { score, xy } = sample.keypoints;
      const known = [...score.keys()].filter((k) => score[k]! > 0);
      const side = Math.max(sample.box[2], sample.box[3]);
      const sum = known.map((k) => Math.hypot(keypoints.xy[2 * k]! - xy[2 * k]!, keypoints.xy[2 * k + 1]! - xy[2 * k + 1]!)); // prettier-ignore
      return sum.reduce((a, b) => a + b, 0) / known.length / side;
    });
    const sorted = [...errors].sort((a, b) => b - a);
    expect(review.people).toBe(12);
    review.worst.forEach(({ error }, i) => expect(error).toBeCloseTo(sorted[i]!, 4));
    review.best.forEach(({ error }, i) => expect(error).toBeCloseTo(sorted.at(-1 - i)!, 4));
    expect(review.worst[0]!.heatmaps!.shape[2]).toBe(17);

    const run = { history: history([0.1, 0.2]), steps: 40, batchSize: 4, people: 12, review, monitor: 'PCK' };
    const html = trainingReport({ title: 'A <run>', keypointSet: COCO, ...run });
    expect(html).toContain('<h1>A &lt;run&gt;</h1>');
    expect(html.match(/<figure>/g)!.length).toBe(1 + 3 + 3 + 1); // of validation, worst, best, heatmaps
    expect(html).not.toMatch(/src="http|href="http|<script/);
    network.dispose();
  });
});

describe('trainingAdvice', () => {
  const keypoint = (name: string, found: number, error = 0.1, mirrored = 0.5) => ({ name, labelled: 10, found, error, mirrored }); // prettier-ignore
  const review = (perKeypoint: Review['perKeypoint']): Review => ({
    people: 10,
    perKeypoint,
    predictions: [],
    best: [],
    worst: [],
  });
  const fine = review([keypoint('a', 0.8), keypoint('b', 0.7)]);
  const run = { steps: 1000, batchSize: 10, people: 100, monitor: 'PCK', history: history([0.1, 0.2]), review: fine };

  it('says how many steps are too few for how many people', () => {
    expect(trainingAdvice(run)).toEqual(['1000 steps of 10 people saw each of 100 people 100 times.']);
    expect(trainingAdvice({ ...run, steps: 30 })[1]).toContain('For 100 people, 100 steps are a start.');
  });

  it('tells a run that still improves from one that overfits', () => {
    const rising = history([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    expect(trainingAdvice({ ...run, history: rising })[1]).toContain('PCK still rises');
    const byHeart = history([0.1, 0.5, 0.6, 0.6, 0.5, 0.4], [6, 5, 4, 3, 2, 1]);
    expect(trainingAdvice({ ...run, history: byHeart })[1]).toContain('the network overfits');
  });

  it('names keypoints that stay behind, and sides that look exchanged', () => {
    const some = review([keypoint('nose', 0.9), keypoint('tail', 0.2), keypoint('left_ear', 0.3, 0.4, 0.1)]);
    const lines = trainingAdvice({ ...run, review: some });
    expect(lines[1]).toContain('Behind the others: tail');
    expect(lines[2]).toContain('Nearer to their counterparts than to themselves: left_ear.');
  });
});

describe('reportedHere', () => {
  it('gives the paper’s figure only in its metric and for its people', () => {
    const recipe = RECIPES['lpn-50'] as Recipe;
    const val = { keypointSet: COCO, people: 6352, metrics: ['AP', 'AR', 'PCK'] };
    expect(reportedHere(recipe, val)).toEqual([{ metric: 'AP', value: 69.1, data: 'COCO val2017' }]);
    expect(reportedHere(recipe, { ...val, people: 500 })).toEqual([]);
    expect(reportedHere(recipe, { ...val, metrics: ['PCK'] })).toEqual([]);
  });
});
