import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CocoAccumulator,
  cocoAccumulatorFromBytes,
  cocoAccumulatorToBytes,
  cocoMatches,
  evaluateAccumulator,
  type CocoOptions,
} from 'poseblocks/metrics';
import { evaluations } from './people';

/** Everything that an evaluation found, to the last bit. */
const all = (accumulator: CocoAccumulator) => {
  const { curves, summary, ...evaluation } = evaluateAccumulator(accumulator);
  return { curves, summary, matches: cocoMatches({ curves, summary, ...evaluation }) };
};

describe('shards', () => {
  const shares = fc.array(fc.nat(3), { minLength: 40, maxLength: 40 });
  const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });

  it('of results, in any split and order, give the figures of the whole', () => {
    fc.assert(
      fc.property(evaluations, shares, orders, ({ images, annotations, results }, share, order) => {
        const dataset = { images, annotations };
        const whole = new CocoAccumulator().addAnnotations(dataset).addResults(results);
        const shards = [0, 1, 2, 3].map((shard) => {
          const own = results.flatMap((_, i) => (share[i % 40] === shard ? [i] : []));
          const some = own.map((i) => results[i]!);
          return new CocoAccumulator().addAnnotations(dataset).addResults(some, 'results', own);
        });
        const [first, ...rest] = order.map((i) => shards[i]!);
        for (const shard of rest) first!.merge(shard);
        expect(all(first!)).toEqual(all(whole));
      }),
      { numRuns: 100 },
    );
  });

  it('of whole images need no positions, and pass through files', () => {
    fc.assert(
      fc.property(evaluations, shares, orders, ({ images, annotations, results }, share, order) => {
        const options: CocoOptions = { rescore: {}, nms: { threshold: 0.8 }, areaRanges: { all: [0, Infinity] } };
        const whole = new CocoAccumulator(options).addAnnotations({ images, annotations }).addResults(results);
        const shards = [0, 1, 2, 3].map((shard) => {
          const mine = ({ image_id }: { image_id: number }) => share[image_id % 40] === shard;
          const own = images.filter(({ id }) => mine({ image_id: id }));
          return new CocoAccumulator(options)
            .addAnnotations({ images: own, annotations: annotations.filter(mine) })
            .addResults(results.filter(mine));
        });
        const [first, ...rest] = order.map((i) => cocoAccumulatorFromBytes(cocoAccumulatorToBytes(shards[i]!)));
        for (const shard of rest) first!.merge(shard);
        const strip = ({ curves, summary, matches }: ReturnType<typeof all>) => ({
          curves,
          summary,
          matches: matches.map(({ result: _, ...match }) => match), // each shard counts its own
        });
        expect(strip(all(first!))).toEqual(strip(all(whole)));
      }),
      { numRuns: 100 },
    );
  });

  it('with other options, or other people under one id, do not merge', () => {
    const person = {
      id: 1,
      image_id: 1,
      keypoints: new Array<number>(51).fill(1),
      num_keypoints: 17,
      area: 9,
      bbox: [0, 0, 3, 3],
      iscrowd: 0,
    };
    const one = () => new CocoAccumulator().addAnnotations([person]);
    expect(() => one().merge(new CocoAccumulator({ maxDets: 5 }))).toThrow(/same options/);
    expect(() => one().merge(new CocoAccumulator().addAnnotations([{ ...person, area: 8 }]))).toThrow(/annotation 1/);
    expect(one().merge(one()).tables.people.length).toBe(1);
  });

  it('that are cut short or foreign are refused', () => {
    const bytes = cocoAccumulatorToBytes(new CocoAccumulator());
    expect(() => cocoAccumulatorFromBytes(bytes.subarray(0, 20), 'a.bin')).toThrow(/^a\.bin: must be the output/);
    expect(() => cocoAccumulatorFromBytes(new Uint8Array(100), 'a.bin')).toThrow(/100 other bytes/);
    expect(() => cocoAccumulatorFromBytes(new Uint8Array([...bytes, 0]), 'a.bin')).toThrow(/incomplete or damaged/);
  });

  it('are refused when any bit of their file has changed', () => {
    fc.assert(
      fc.property(evaluations, fc.nat(), fc.nat(7), ({ images, annotations, results }, place, bit) => {
        const bytes = cocoAccumulatorToBytes(
          new CocoAccumulator().addAnnotations({ images, annotations }).addResults(results),
        );
        bytes[place % bytes.length]! ^= 1 << bit;
        expect(() => cocoAccumulatorFromBytes(bytes, 'a.bin')).toThrow(/^a\.bin: must be the output/);
      }),
    );
  });
});
