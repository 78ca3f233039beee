import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COCO } from 'poseblocks/keypoints';
import {
  averagePrecision,
  CocoAccumulator,
  cocoErrors,
  cocoMatches,
  evaluateAccumulator,
  evaluateCoco,
  oks,
  precisionRecall,
  type CocoAnnotation as Annotation,
  type CocoResult,
} from 'poseblocks/metrics';
import { evaluations } from './people';

/** With every field. */
type CocoAnnotation = Required<Annotation>;

const scaled = (values: ArrayLike<number>, by: number) => Array.from(values, (v, i) => (i % 3 === 2 ? v : v * by));

describe('the COCO evaluation', () => {
  it('gives ground truth against itself 1', () => {
    fc.assert(
      fc.property(evaluations, ({ images, annotations }) => {
        const people = annotations.filter(({ num_keypoints, iscrowd }) => num_keypoints > 0 && !iscrowd);
        const results = people.map(({ image_id, keypoints }): CocoResult => ({
          image_id,
          category_id: 1,
          keypoints,
          score: 1,
        }));
        const { AP, AR } = evaluateCoco(results, { images, annotations: people });
        expect(AP).toBeCloseTo(people.length > 0 ? 1 : -1, 12);
        expect(AR).toBe(people.length > 0 ? 1 : -1);
      }),
    );
  });

  it('does not change when pixels and areas are scaled together by 2, and the ranges with them', () => {
    fc.assert(
      fc.property(evaluations, ({ images, annotations, results }) => {
        const larger = annotations.map((a): CocoAnnotation => ({
          ...a,
          keypoints: scaled(a.keypoints, 2),
          area: 4 * a.area,
          bbox: Array.from(a.bbox, (v) => 2 * v),
        }));
        const found = results.map((r): CocoResult => ({ ...r, keypoints: scaled(r.keypoints, 2) }));
        const areaRanges = { all: [0, 4e10], medium: [4096, 36864], large: [36864, 4e10] } as const;
        const before = evaluateCoco(results, { images, annotations });
        const after = evaluateCoco(found, { images, annotations: larger }, { areaRanges });
        for (const [name, value] of Object.entries(before)) expect(after[name as 'AP']).toBeCloseTo(value, 9);
      }),
    );
  });

  it('does not change when everything is shifted, and when keypoints are renumbered with their sigmas', () => {
    const order = COCO.names.map((_, k) => (5 * k + 3) % 17);
    const renumbered = (values: ArrayLike<number>) => order.flatMap((k) => Array.from(values).slice(3 * k, 3 * k + 3));
    const shifted = (values: ArrayLike<number>) => Array.from(values, (v, i) => v + [64, -32, 0][i % 3]!);
    const boxed = ([x, y, w, h]: ArrayLike<number> & Iterable<number>) => [x! + 64, y! - 32, w!, h!];
    const sigmas = order.map((k) => COCO.sigmas[k]!);
    fc.assert(
      fc.property(evaluations, ({ images, annotations, results }) => {
        const before = Object.values(evaluateCoco(results, { images, annotations }));
        const move = <T extends CocoAnnotation | CocoResult>(record: T): T => ({
          ...record,
          keypoints: shifted(record.keypoints),
          ...('area' in record ? { bbox: boxed(Array.from(record.bbox!)) } : {}),
        });
        const mix = <T extends CocoAnnotation | CocoResult>(record: T): T => ({
          ...record,
          keypoints: renumbered(record.keypoints),
        });
        const moved = evaluateCoco(results.map(move), { images, annotations: annotations.map(move) });
        const mixed = evaluateCoco(results.map(mix), { images, annotations: annotations.map(mix) }, { sigmas });
        for (const after of [moved, mixed]) {
          Object.values(after).forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 9));
        }
      }),
    );
  });

  it('does not fall, at one threshold, when a detection that met nobody is left out, and its recall stays', () => {
    fc.assert(
      fc.property(evaluations, ({ images, annotations, results }) => {
        const options = { thresholds: [0.5], maxDets: 100 };
        const accumulator = new CocoAccumulator(options).addAnnotations({ images, annotations }).addResults(results);
        const evaluation = evaluateAccumulator(accumulator);
        const lost = cocoMatches(evaluation).find(({ outcome }) => outcome === 'false positive');
        const fewer = results.filter((_, i) => i !== lost?.result);
        const without = evaluateCoco(fewer, { images, annotations }, options);
        expect(without.AP).toBeGreaterThanOrEqual(evaluation.summary.AP - 1e-12);
        expect(without.AR).toBeCloseTo(evaluation.summary.AR, 12);
      }),
    );
  });

  it('depends on the order of scores, not on their values', () => {
    fc.assert(
      fc.property(evaluations, ({ images, annotations, results }) => {
        const other = results.map((r): CocoResult => ({ ...r, score: 100 + 7 * r.score ** 3 }));
        expect(evaluateCoco(other, { images, annotations })).toEqual(evaluateCoco(results, { images, annotations }));
      }),
    );
  });

  it('falls as the threshold rises, and no curve rises with recall', () => {
    fc.assert(
      fc.property(evaluations, ({ images, annotations, results }) => {
        const evaluation = evaluateAccumulator(
          new CocoAccumulator().addAnnotations({ images, annotations }).addResults(results),
        );
        const { thresholds } = evaluation.params;
        const recall = (threshold: number) => precisionRecall(evaluation, { threshold }).precision;
        for (const threshold of thresholds) {
          const curve = recall(threshold);
          curve.forEach((value, i) => expect(value).toBeLessThanOrEqual(curve[i - 1] ?? 1));
          const mean = curve.reduce((sum, value) => sum + value, 0) / curve.length;
          if (curve.length > 0) expect(averagePrecision(evaluation, { threshold })).toBeCloseTo(mean, 12);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gives OKS(p, p) = 1, and less the farther a keypoint is', () => {
    const coordinate = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    const pose = fc.array(coordinate, { minLength: 34, maxLength: 34 });
    fc.assert(
      fc.property(pose, fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat(16), (xy, area, k) => {
        const truth = { xy, score: new Array<number>(17).fill(2) };
        expect(oks(truth, truth, { area })).toBe(1);
        const moved = (by: number) => ({ ...truth, xy: xy.map((v, i) => (i === 2 * k ? v + by : v)) });
        const [near, away] = [3, 6].map((by) => oks(moved(by), truth, { area }));
        expect(near).toBeGreaterThanOrEqual(away!);
        expect(near).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('error analysis', () => {
  /** One large person, keypoints 100 pixels apart, so that each kind can be made. */
  const place = (dx: number): number[] => Array.from({ length: 17 }, (_, k) => [100 * k + dx, 50 * (k % 5), 2]).flat();
  const person = (id: number, dx: number): CocoAnnotation => ({
    id,
    image_id: 1,
    category_id: 1,
    keypoints: place(dx),
    num_keypoints: 17,
    area: 3e4,
    bbox: [dx, 0, 1600, 200],
    iscrowd: 0,
  });
  const people = [person(1, 0), person(2, 5000), person(3, 10_000)];
  const countsOf = (results: CocoResult[]) => {
    const evaluation = evaluateAccumulator(new CocoAccumulator().addAnnotations(people).addResults(results));
    const { kinds, perKeypoint, AP } = cocoErrors(evaluation);
    const of = (kind: string) => kinds.find((row) => row.kind === kind)!;
    return { of, perKeypoint, AP };
  };
  const result = (keypoints: number[], score: number): CocoResult => ({
    image_id: 1,
    category_id: 1,
    keypoints,
    score,
  });
  const set = (keypoints: number[], k: number, x: number, y: number) => keypoints.splice(3 * k, 2, x, y);

  it('tells jitter, inversion, swap and miss apart', () => {
    const first = place(0);
    set(first, 9, 900 + 2 * 0.062 * Math.sqrt(3e4), 50 * 4); // left wrist: exp(−1/2) = 0.61
    set(first, 7, 800, 50 * 3); // left elbow where the right one is
    set(first, 13, 5000 + 1300, 50 * 3); // left knee where the second person's is
    set(first, 15, -5000, -5000);
    const found = countsOf([result(first, 0.9), result(place(5000), 0.8), result(place(10_000), 0.7)]);
    const [jitter, inversion, swap, miss] = ['jitter', 'inversion', 'swap', 'miss'].map((kind) => found.of(kind).count);
    expect([jitter, inversion, swap, miss]).toEqual([1, 1, 1, 1]);
    expect(found.perKeypoint[9]).toEqual({ good: 2, jitter: 1, inversion: 0, swap: 0, miss: 0 });
    expect(found.perKeypoint[7]!.inversion).toBe(1);
    expect(found.perKeypoint[13]!.swap).toBe(1);
    expect(found.perKeypoint[15]!.miss).toBe(1);
    for (const kind of ['jitter', 'inversion', 'swap', 'miss']) expect(found.of(kind).cost).toBeGreaterThanOrEqual(0);
    expect(found.of('missed').count + found.of('spurious').count).toBe(0);
  });

  it('counts missed people and spurious detections, and what they cost', () => {
    const found = countsOf([result(place(50_000), 0.95), result(place(0), 0.9), result(place(5000), 0.8)]);
    expect(found.of('missed').count).toBe(1);
    expect(found.of('spurious').count).toBe(1);
    // Precision 2/3 up to recall 2/3 (67 of 101 samples), then 0.
    expect(found.AP).toBeCloseTo(((2 / 3) * 67) / 101, 12);
    expect(found.of('spurious').cost).toBeCloseTo(67 / 101 - found.AP, 12);
    expect(found.of('missed').cost).toBeCloseTo(2 / 3 - found.AP, 12);
  });
});
