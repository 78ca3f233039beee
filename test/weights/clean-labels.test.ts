import { COCO, LSP, type Keypoints } from 'poseblocks/keypoints';
import { seededRandom } from 'poseblocks/random';
import { describe, expect, it } from 'vitest';
import { cleaned, newReport } from '../../scripts/weights/clean-labels';

const SIZE = 200;
const random = seededRandom(5);
const at = (name: string): number => LSP.names.indexOf(name);

/** A person of random places, 40 px apart or more between left and right, and a teacher who finds them to a pixel. */
function person(): { labels: Keypoints<'image'>; teacher: Keypoints<'image'> } {
  const xy = new Float32Array(28);
  LSP.names.forEach((name, k) => {
    const side = name.startsWith('left_') ? 30 : name.startsWith('right_') ? -30 : 0;
    xy.set([100 + side + random.uniform(-5, 5), random.uniform(0, SIZE)], 2 * k);
  });
  const teacher = { frame: 'image' as const, xy: new Float32Array(34), score: new Float32Array(17).fill(0.8) };
  COCO.names.forEach((name, c) => {
    const k = at(name);
    if (k >= 0) teacher.xy.set([xy[2 * k]! + 1, xy[2 * k + 1]!], 2 * c);
  });
  return { labels: { frame: 'image', xy, score: new Float32Array(14).fill(2) }, teacher };
}

const exchange = ({ xy, ...rest }: Keypoints<'image'>, ...names: string[]): Keypoints<'image'> => {
  const out = xy.slice();
  for (const name of names) {
    const [a, b] = [at(`left_${name}`), at(`right_${name}`)];
    out.set(xy.subarray(2 * a, 2 * a + 2), 2 * b);
    out.set(xy.subarray(2 * b, 2 * b + 2), 2 * a);
  }
  return { ...rest, xy: out };
};

const distance = (a: Keypoints, b: Keypoints, k: number): number =>
  Math.hypot(a.xy[2 * k]! - b.xy[2 * k]!, a.xy[2 * k + 1]! - b.xy[2 * k + 1]!);

describe('cleaned', () => {
  it('puts exchanged legs back, and leaves the arms', () => {
    const { labels, teacher } = person();
    const report = newReport();
    const put = cleaned(exchange(labels, 'hip', 'knee', 'ankle'), teacher, SIZE, report);
    LSP.names.forEach((_, k) => expect(distance(put, labels, k)).toBeLessThanOrEqual(1));
    expect(report).toMatchObject({ people: 1, exchangedLegs: 1, exchangedArms: 0 });
  });

  it('changes nothing where the teacher is not sure', () => {
    const { labels, teacher } = person();
    const unsure = { ...teacher, score: new Float32Array(17).fill(0.2) };
    const given = exchange(labels, 'shoulder', 'elbow', 'wrist');
    expect(cleaned(given, unsure, SIZE, newReport())).toEqual(given);
  });

  it('fills what is missing and replaces gross errors where the teacher agrees about the rest', () => {
    const { labels, teacher } = person();
    const [missing, gross] = [at('left_wrist'), at('right_knee')];
    const xy = labels.xy.map((v, i) => (i >> 1 === gross ? v + 90 : v));
    const score = labels.score.map((v, k) => (k === missing ? 0 : v));
    const report = newReport();
    const put = cleaned({ frame: 'image', xy, score }, teacher, SIZE, report);
    expect(put.score[missing]).toBe(1);
    for (const k of [missing, gross]) expect(distance(put, labels, k)).toBeCloseTo(1, 4);
    expect(report).toMatchObject({ missing: 1, filled: 1, replaced: 1 });
  });

  it('takes nothing from a teacher who found somebody else', () => {
    const { labels, teacher } = person();
    const other = { ...teacher, xy: teacher.xy.map((v) => v + 150) };
    const score = labels.score.map((v, k) => (k === 0 ? 0 : v));
    const given = { ...labels, score };
    expect(cleaned(given, other, SIZE, newReport())).toEqual(given);
  });
});
