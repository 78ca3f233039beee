import { readFileSync } from 'node:fs';
import { diagnose, readCoco, streamCoco } from 'poseblocks/datasets';
import { evaluateCoco, type CocoDataset, type CocoSummary } from 'poseblocks/metrics';
import { describe, expect, it } from 'vitest';
import { filesOf, PUBLISHED } from './published/shapes';

/** Of pycocotools and xtcocotools, by `published/figures.py`. */
const figures = JSON.parse(readFileSync(new URL('../fixtures/files/figures.json', import.meta.url), 'utf8')) as Record<
  string,
  { sigmas: number[]; pycocotools?: number[]; xtcocotools: number[] }
>;
const NAMES = ['AP', 'AP50', 'AP75', 'APM', 'APL', 'AR', 'AR50', 'AR75', 'ARM', 'ARL'] as const;
const stats = (summary: CocoSummary): number[] => NAMES.map((name) => summary[name]);
const near = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(Math.abs(value - expected[i]!), NAMES[i]).toBeLessThan(1e-12));
};

describe('annotation files as data sets are published', () => {
  it('are 31', () => expect(PUBLISHED).toHaveLength(31));

  it.each(PUBLISHED.map((shape) => [shape.name, shape] as const))('%s trains', async (_, shape) => {
    const { annotations } = filesOf(shape);
    const options = shape.given ? { keypointSet: shape.given } : {};
    if (shape.given) expect(() => readCoco(annotations)).toThrow('Give a keypointSet');
    const { keypointSet, persons, skipped } = readCoco(annotations, options);
    expect(keypointSet.names).toHaveLength(shape.keypoints);
    expect(keypointSet.edges).toHaveLength(shape.reads.edges);
    if (shape.reads.set !== undefined) expect(keypointSet.name).toBe(shape.reads.set);
    expect(persons.length + skipped.length).toBe(12);
    expect(persons.length).toBeGreaterThan(10);
    for (const { area, box } of persons) expect(area).toBeGreaterThan(0.4 * box[2] * box[3]);
    const bytes = new TextEncoder().encode(JSON.stringify(annotations));
    const streamed = [];
    for await (const person of streamCoco(async function* () { yield await Promise.resolve(bytes); }, options)) streamed.push(person); // prettier-ignore
    expect(streamed).toEqual(persons);
  });

  it.each(PUBLISHED.map((shape) => [shape.name, shape] as const))('%s is evaluated', (name, shape) => {
    const { annotations, results } = filesOf(shape);
    const dataset = annotations as unknown as CocoDataset;
    const { sigmas, pycocotools, xtcocotools } = figures[name]!;
    if (pycocotools) near(stats(evaluateCoco(results, dataset, { sigmas })), pycocotools);
    else expect(() => evaluateCoco(results, dataset, { sigmas })).toThrow('useArea: false uses 0.53 · width · height of the box');
    near(stats(evaluateCoco(results, dataset, { sigmas, useArea: false })), xtcocotools);
  });

  it('the doctor reads each, and says what is missing', () => {
    for (const shape of PUBLISHED) expect(() => diagnose(filesOf(shape).annotations)).not.toThrow();
    const crowdpose = diagnose(filesOf(PUBLISHED.find(({ name }) => name === 'crowdpose')!).annotations);
    expect(crowdpose.keypointSet?.name).toBe('crowdpose');
  });
}); // prettier-ignore
