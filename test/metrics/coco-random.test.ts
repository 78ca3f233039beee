import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  CocoAccumulator,
  cocoMatches,
  cocoPerKeypoint,
  evaluateAccumulator,
  type CocoDataset,
  type CocoOptions,
  type CocoResult,
} from 'poseblocks/metrics';

interface RandomSet {
  kind: string;
  dataset: CocoDataset;
  results: CocoResult[];
  options: CocoOptions;
  expected: {
    stats: number[];
    /** Means over the recall thresholds, `[thresholds, categories, areas, maxDets]`. */
    precision: number[];
    scores: number[];
    recall: number[];
    matches: [result: number, annotation: number][];
    perKeypoint?: [number, number, number, number][];
  };
}

// The stored sample, or more sets made by test/fixtures/metrics/generate.py.
const file = process.env['POSEBLOCKS_COCO_SETS'] ?? new URL('../fixtures/metrics/coco_random.json.gz', import.meta.url);
const sets = JSON.parse(gunzipSync(readFileSync(file)).toString()) as RandomSet[];

function expectClose(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(found.length, what).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(found[i]! - value), `${what}[${i}]`).toBeLessThanOrEqual(1e-12));
}

/** `[T, R, rest]` → means over R. */
function meanOverRecall(values: Float64Array, thresholds: number, samples: number): number[] {
  const rest = values.length / thresholds / samples;
  return Array.from({ length: thresholds * rest }, (_, i) => {
    const [t, x] = [Math.floor(i / rest), i % rest];
    let sum = 0;
    for (let r = 0; r < samples; r++) sum += values[(t * samples + r) * rest + x]!;
    return sum / samples;
  });
}

describe.each([...new Set(sets.map(({ kind }) => kind))])('pycocotools on %s', (kind) => {
  const cases = sets.filter((set) => set.kind === kind).map((set, i) => [i, set] as const);

  it.each(cases)('set %i', (_, { dataset, results, options, expected }) => {
    const evaluation = evaluateAccumulator(new CocoAccumulator(options).addAnnotations(dataset).addResults(results));
    const { params, curves } = evaluation;
    const [T, R] = [params.thresholds.length, params.recallThresholds.length];
    expectClose(meanOverRecall(curves.precision, T, R), expected.precision, 'precision');
    expectClose(meanOverRecall(curves.scores, T, R), expected.scores, 'scores');
    expectClose(curves.recall, expected.recall, 'recall');
    // Its summary looks for maxDets = 20 only.
    if (!options.maxDets) expectClose(Object.values(evaluation.summary), expected.stats, 'summary');
    const matches = cocoMatches(evaluation).map(({ result, annotationId }) => [result, annotationId ?? 0]);
    expect(matches).toEqual(expected.matches);
    if (expected.perKeypoint) {
      const found = cocoPerKeypoint(evaluation).map(({ AP, AP50, AP75, AR }) => [AP, AP50, AP75, AR]);
      found.forEach((figures, k) => expectClose(figures, expected.perKeypoint![k]!, `keypoint ${k}`));
    }
  });
});
