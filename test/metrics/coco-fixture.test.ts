import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COCO } from 'poseblocks/keypoints';
import { evaluateCoco, oks, type CocoAnnotation as Annotation, type CocoResult } from 'poseblocks/metrics';

/** With every field. */
type CocoAnnotation = Required<Annotation>;

interface Fixture {
  ground_truth: CocoAnnotation[];
  detections: CocoResult[];
  oks_by_image: Record<string, number[][]>;
  stats_order: string[];
  stats: number[];
}
const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/coco_keypoint_eval_fixture.json', import.meta.url), 'utf8'),
) as Fixture;

describe('the COCO keypoint fixture', () => {
  const expected = Object.fromEntries(fixture.stats_order.map((name, i) => [name, fixture.stats[i]!]));
  const images = [...new Set(fixture.ground_truth.map(({ image_id }) => image_id))].map((id) => ({ id }));

  it.each([
    ['an array of annotations', fixture.ground_truth],
    ['the whole object', { images, annotations: fixture.ground_truth, categories: [{ id: 1 }] }],
  ])('gives the ten official figures from %s', (_, annotations) => {
    const summary = evaluateCoco(fixture.detections, annotations, { sigmas: COCO.sigmas });
    expect(Object.keys(summary)).toEqual(fixture.stats_order);
    for (const [name, value] of Object.entries(summary)) {
      expect(Math.abs(value - expected[name]!), name).toBeLessThan(1e-12);
    }
  });

  it('gives the OKS of every pair', () => {
    for (const [image, rows] of Object.entries(fixture.oks_by_image)) {
      const people = fixture.ground_truth.filter(({ image_id }) => image_id === Number(image));
      const found = fixture.detections
        .filter(({ image_id }) => image_id === Number(image))
        .sort((a, b) => b.score - a.score);
      expect(rows.length).toBe(people.length === 0 ? 0 : found.length);
      rows.forEach((row, d) =>
        row.forEach((value, g) => {
          const { keypoints, area, bbox } = people[g]!;
          expect(Math.abs(oks(found[d]!.keypoints, keypoints, { area, bbox }) - value)).toBeLessThan(1e-12);
        }),
      );
    }
  });
});
