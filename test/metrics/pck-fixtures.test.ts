import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { heatmapPck, mpiiHeadSizes, pckh, pckhAccumulator, pckhOf } from 'poseblocks/metrics';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as T;

describe('the MPII fixture', () => {
  const fixture = read<{
    pred_xy0: [number, number][][];
    pos_gt_src: [number[], number[]][];
    jnt_missing: number[][];
    headboxes_src: [[number[], number[]], [number[], number[]]];
    result: Record<string, number>;
  }>('mpii_pckh_fixture');
  const predicted = fixture.pred_xy0.map((person) => ({
    xy: person.flat().map((value) => value + 1), // the file counts pixels from 1
    score: person.map(() => 1),
  }));
  const truth = predicted.map((_, n) => ({
    xy: fixture.pos_gt_src.flatMap(([x, y]) => [x[n]!, y[n]!]),
    score: fixture.jnt_missing.map((missing) => 1 - missing[n]!),
  }));
  const [[left, top], [right, bottom]] = fixture.headboxes_src;
  const headSize = mpiiHeadSizes(left.map((x, n) => [x, top[n]!, right[n]!, bottom[n]!]));

  it('gives its figures, groups and the quirk', () => {
    const { groups, mean, meanAt01 } = pckh(predicted, truth, { headSize });
    const found = { ...groups, mean, 'mean@0.1': meanAt01 };
    expect(Object.keys(found)).toEqual(Object.keys(fixture.result).map((name) => name.toLowerCase()));
    Object.values(fixture.result).forEach((value, i) => {
      expect(Math.abs(Object.values(found)[i]! - value)).toBeLessThan(1e-12);
    });
  });

  it('gives the same from two shards in either order', () => {
    const shard = (from: number, to?: number) =>
      pckhAccumulator().add(predicted.slice(from, to), truth.slice(from, to), headSize.slice(from, to));
    const whole = pckh(predicted, truth, { headSize });
    expect(pckhOf(shard(0, 9).merge(shard(9)))).toEqual(whole);
    expect(pckhOf(shard(9).merge(shard(0, 9)))).toEqual(whole);
  });

  it('leaves pelvis and thorax out of the mean', () => {
    const none = truth.map(({ xy }) => ({
      xy,
      score: Array.from({ length: 16 }, (_, k) => (k === 6 || k === 7 ? 1 : 0)),
    }));
    expect(pckh(predicted, none, { headSize }).mean).toBeNaN();
  });
});

describe('the heatmap accuracy of examples.json', () => {
  const example = read<{
    pck_accuracy: { pred_xy: number[][][]; target_xy: number[][][]; acc: number[]; avg: number; cnt: number };
  }>('examples').pck_accuracy;
  const poses = (people: number[][][]) => people.map((p) => ({ xy: p.flat(), score: p.map(() => 1) }));

  it('is as published', () => {
    const found = heatmapPck(poses(example.pred_xy), poses(example.target_xy), {
      heatmapSize: [48, 64],
      norm: 'published',
    });
    expect([found.mean, ...found.perKeypoint]).toEqual(example.acc);
    expect(found.counts.filter((count) => count > 0)).toHaveLength(example.cnt);
  });

  it('corrected, measures x by the width and y by the height', () => {
    const predicted = [{ xy: [12.7, 10], score: [1] }];
    const target = [{ xy: [10, 10], score: [1] }];
    const at = (norm: 'published' | 'corrected') => heatmapPck(predicted, target, { heatmapSize: [48, 64], norm }).mean;
    expect(at('published')).toBe(1); // 2.7 / 6.4
    expect(at('corrected')).toBe(0); // 2.7 / 4.8
  });
});
