import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LSP } from 'poseblocks/keypoints';
import {
  auc,
  aucOf,
  BatchPckAccumulator,
  DistanceAccumulator,
  epe,
  epeOf,
  longerSides,
  nme,
  nmeOf,
  pck,
  pckOf,
  pdj,
  torsoDiameters,
} from 'poseblocks/metrics';

const pose = (xy: number[], score = xy.map(() => 1).slice(xy.length / 2)) => ({ xy, score });
/** Two people of two keypoints; distances 5 and 0, then 10 and one unlabelled. */
const truth = [pose([0, 0, 10, 10]), pose([0, 0, 10, 10], [2, 0])];
const predicted = [pose([3, 4, 10, 10]), pose([6, 8, 99, 99])];

describe('metrics of distance', () => {
  it('PCK: inclusive, per keypoint, with its counts and both means', () => {
    const at = (threshold: number, weighting?: 'count') =>
      pck(predicted, truth, { normalizer: 50, threshold, ...(weighting ? { weighting } : {}) });
    expect(at(0.1)).toEqual({ mean: 0.75, weighting: 'keypoint', perKeypoint: [0.5, 1], counts: [2, 1] });
    expect(at(0.1, 'count').mean).toBe(2 / 3);
    expect(at(0.0999).perKeypoint).toEqual([0, 1]);
    expect(at(0.2).perKeypoint).toEqual([1, 1]);
  });

  it('PCK by box side, one normaliser a person, NaN leaving one out', () => {
    const normalizer = longerSides([
      [0, 0, 25, 10],
      [0, 0, 30, 50],
    ]);
    expect(pck(predicted, truth, { normalizer }).perKeypoint).toEqual([1, 1]);
    expect(pck(predicted, truth, { normalizer: [25, NaN] }).counts).toEqual([1, 1]);
  });

  it('EPE and NME', () => {
    expect(epe(predicted, truth)).toEqual({ mean: 5, weighting: 'count', perKeypoint: [7.5, 0], counts: [2, 1] });
    expect(epe(predicted, truth, 'keypoint').mean).toBe(3.75);
    expect(nme(predicted, truth, [5, 10]).perKeypoint).toEqual([1, 0]);
  });

  it('AUC: a step at half of the range is half', () => {
    const step = auc([pose([25, 0])], [pose([0, 0])], { normalizer: 100, max: 0.5, steps: 1000 });
    expect(step.mean).toBeCloseTo(0.5, 3);
    expect(auc(truth, truth, { normalizer: 1 }).mean).toBeCloseTo(1, 12);
  });

  it('PDJ: by the torso, people without one left out', () => {
    const person = (hip: number) =>
      pose(
        LSP.names.flatMap((_, k) => (k === 9 ? [30, 0] : [0, 0])),
        LSP.names.map((_, k) => (k === 2 ? hip : 1)),
      );
    expect(torsoDiameters([person(1), person(0)], LSP)).toEqual([30, NaN]);
    const away = pose(
      LSP.names.flatMap((_, k) => (k === 9 ? [36, 0] : [0, 6.1])),
      LSP.names.map(() => 1),
    );
    const { perKeypoint, counts } = pdj([away, away], [person(1), person(0)], LSP, 0.2);
    expect(counts).toEqual(LSP.names.map(() => 1));
    expect([perKeypoint[9], perKeypoint[0]]).toEqual([1, 0]);
  });

  it('PCK grows with its threshold', () => {
    const people = fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 4 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(
        people,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (xys, a, b) => {
          const at = (threshold: number) =>
            pck(
              xys.map((xy) => pose(xy)),
              xys.map(() => pose([0, 0, 0, 0])),
              { normalizer: 60, threshold },
            ).mean;
          expect(at(Math.min(a, b))).toBeLessThanOrEqual(at(Math.max(a, b)));
        },
      ),
    );
  });

  it('do not change when pixels and normalisers are scaled together', () => {
    const xys = fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(xys, fc.constantFrom(0.25, 2, 8), (drawn, by) => {
        const figures = (scale: number) => {
          const found = drawn.map((xy) => pose(xy.map((v) => v * scale)));
          const people = drawn.map(() => pose([0, 0, scale, scale]));
          const normalizer = 64 * scale;
          return [
            pck(found, people, { normalizer }),
            auc(found, people, { normalizer }),
            nme(found, people, normalizer),
          ];
        };
        expect(figures(by)).toEqual(figures(1));
      }),
    );
  });

  it.each([
    ['a missing person', () => pck(predicted.slice(1), truth, { normalizer: 1 }), /the same length/],
    [
      'another number of keypoints',
      () => pck([pose([1, 1]), pose([1, 1])], truth, { normalizer: 1 }),
      /person 0 must have 2/,
    ],
    ['NaN', () => epe([pose([NaN, 0, 0, 0]), truth[1]!], truth), /predicted\[0\]: xy\[0\] must be a finite/],
    ['a normaliser of 0', () => nme(predicted, truth, 0), /normaliser of person 0 must be positive/],
    ['nobody', () => epe([], []), /at least one person/],
    [
      'an unknown threshold',
      () => new DistanceAccumulator({ keypoints: 1, thresholds: [0.2] }).correctAt(0.5),
      /it has 0.2/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe('accumulators of distance', () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  const people = fc.array(fc.array(number, { minLength: 4, maxLength: 4 }), { minLength: 4, maxLength: 30 });

  it('merge to the last bit, in any split and order, through JSON', () => {
    fc.assert(
      fc.property(
        people,
        fc.array(fc.nat(2), { minLength: 30, maxLength: 30 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (xys, share, order) => {
          const figures = (a: DistanceAccumulator) => [pckOf(a, 0.5), aucOf(a), epeOf(a), nmeOf(a)];
          const of = (own: number[][]) =>
            new DistanceAccumulator({ keypoints: 2, thresholds: [0.1, 0.5] }).add(
              own.map((xy) => pose(xy)),
              own.map(() => pose([0, 0, 1, 1])),
              own.map(([x]) => 1 + Math.abs(x!)),
            );
          const shards = order.map((shard) => of(xys.filter((_, i) => share[i] === shard)));
          const copies = shards.map((a) => DistanceAccumulator.fromJSON(JSON.parse(JSON.stringify(a)) as never));
          const [first, ...rest] = copies;
          for (const shard of rest) first!.merge(shard);
          expect(figures(first!)).toEqual(figures(of(xys)));
        },
      ),
    );
  });

  it('refuse others', () => {
    const one = new DistanceAccumulator({ keypoints: 2, thresholds: [0.1] });
    expect(() => one.merge(new DistanceAccumulator({ keypoints: 2, thresholds: [0.2] }))).toThrow(/same keypoints/);
    expect(() => DistanceAccumulator.fromJSON({ ...one.toJSON(), counts: [1] })).toThrow(/must hold 2/);
  });
});

describe('the LSP protocol', () => {
  const person = (...xs: number[]) =>
    pose(
      LSP.names.flatMap((_, k) => [xs[k % xs.length]!, 30]),
      LSP.names.map(() => 1),
    );
  const options = { heatmapSize: [64, 64] as const };

  it('weighs a short batch as a full one, and averages left and right', () => {
    const target = person(30);
    const right = person(30);
    const wrong = pose(
      right.xy.map((v, i) => (i === 0 ? 50 : v)),
      right.score,
    ); // right ankle
    const accumulator = new BatchPckAccumulator(options)
      .add([right, right, right], [target, target, target])
      .add([wrong], [target]);
    const { mean, perKeypoint, paired } = accumulator.metrics();
    expect(perKeypoint[0]).toBe(0.5);
    expect(paired).toEqual({ ankle: 0.75, knee: 1, hip: 1, wrist: 1, elbow: 1, shoulder: 1, neck: 1, head_top: 1 });
    expect(mean).toBe(13.5 / 14);
  });

  it('merges in any split and order, through JSON, to the last bit', () => {
    const x = fc.integer({ min: 0, max: 63 });
    const batches = fc.array(fc.array(fc.tuple(x, x, x), { minLength: 1, maxLength: 7 }), {
      minLength: 1,
      maxLength: 12,
    });
    const shares = fc.array(fc.nat(2), { minLength: 12, maxLength: 12 });
    const orders = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    fc.assert(
      fc.property(batches, shares, orders, (drawn, share, order) => {
        const of = (own: typeof drawn) => {
          const accumulator = new BatchPckAccumulator(options);
          for (const people of own) {
            accumulator.add(
              people.map(([a, b]) => person(a, b)),
              people.map(([, , c]) => person(30, c)),
            );
          }
          return accumulator;
        };
        const shards = order
          .map((shard) => of(drawn.filter((_, i) => share[i] === shard)))
          .map((a) => BatchPckAccumulator.fromJSON(JSON.parse(JSON.stringify(a)) as never, options));
        expect(shards.reduce((a, b) => a.merge(b)).metrics()).toEqual(of(drawn).metrics());
      }),
    );
  });
});
