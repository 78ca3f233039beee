import { LSP, type Keypoints } from 'poseblocks/keypoints';
import { observerCentric, pairedSides, pck, torsoDiameters, torsoPck } from 'poseblocks/metrics';
import { seededRandom } from 'poseblocks/random';
import { describe, expect, it } from 'vitest';

const random = seededRandom(7);

/** A person upright, seen from the front, so that its left is to the right in the picture. */
function front(): Keypoints<'image'> {
  const xy = new Float32Array(28);
  const rows = { ankle: 180, knee: 150, hip: 110, wrist: 120, elbow: 90, shoulder: 60, neck: 50, head_top: 20 };
  LSP.names.forEach((name, k) => {
    const side = name.startsWith('left_') ? 20 : name.startsWith('right_') ? -20 : 0;
    const part = name.replace(/^(left|right)_/, '') as keyof typeof rows;
    xy.set([100 + side + random.uniform(-3, 3), rows[part] + random.uniform(-3, 3)], 2 * k);
  });
  return { frame: 'image', xy, score: new Float32Array(14).fill(2) };
}

const at = (name: string): number => LSP.names.indexOf(name);
const pointOf = ({ xy }: Keypoints, name: string): readonly number[] => [xy[2 * at(name)]!, xy[2 * at(name) + 1]!];

/** The same outline seen from behind: names exchanged, places kept. */
function behind(person: Keypoints<'image'>): Keypoints<'image'> {
  const xy = person.xy.slice();
  for (const [a, b] of LSP.flipPairs) {
    xy.set(person.xy.subarray(2 * a, 2 * a + 2), 2 * b);
    xy.set(person.xy.subarray(2 * b, 2 * b + 2), 2 * a);
  }
  return { ...person, xy };
}

describe('observerCentric', () => {
  it('keeps a person seen from the front, and names one seen from behind as if from the front', () => {
    const person = front();
    expect(observerCentric(person, LSP).xy).toEqual(person.xy);
    expect(observerCentric(behind(person), LSP).xy).toEqual(person.xy);
  });

  it('asks shoulders and hips each for themselves', () => {
    const person = front();
    const turned = behind(person);
    // legs from behind, arms from the front
    const mixed = { ...person, xy: Float32Array.from(person.xy, (v, i) => (i < 12 ? turned.xy[i]! : v)) };
    expect(observerCentric(mixed, LSP).xy).toEqual(person.xy);
  });

  it('leaves limbs alone whose girdle is not labelled', () => {
    const turned = behind(front());
    const score = turned.score.map((v, k) => (k === at('left_hip') ? 0 : v));
    const named = observerCentric({ ...turned, score }, LSP);
    expect(pointOf(named, 'left_knee')).toEqual(pointOf(turned, 'left_knee'));
    expect(pointOf(named, 'left_wrist')).toEqual(pointOf(turned, 'right_wrist'));
  });

  it('refuses people of another set', () => {
    const person = front();
    expect(() => observerCentric({ ...person, score: person.score.slice(1) }, LSP)).toThrow(RangeError);
  });
});

describe('torsoPck', () => {
  const truth = Array.from({ length: 20 }, (_, n) => (n % 2 ? behind(front()) : front()));
  const near = truth.map((person) => ({
    ...person,
    xy: person.xy.map((v) => v + random.normal() * 8),
  }));

  it('is pck by the torso, with left and right averaged', () => {
    const figures = torsoPck(near, truth);
    const plain = pck(near, truth, { normalizer: torsoDiameters(truth, LSP), threshold: 0.2 });
    expect(figures.mean).toBe(plain.mean);
    expect(figures.perKeypoint).toEqual(plain.perKeypoint);
    expect(figures.people).toBe(20);
    const { perKeypoint } = figures;
    expect(figures.paired['knee']).toBe((perKeypoint[at('right_knee')]! + perKeypoint[at('left_knee')]!) / 2);
    expect(figures.paired['neck']).toBe(perKeypoint[at('neck')]);
    expect(figures.mean).toBeGreaterThan(0.3);
    expect(figures.mean).toBeLessThan(1);
  });

  it('forgives an exchange of all sides only when observer-centric', () => {
    const exchanged = truth.map(behind);
    const person = torsoPck(exchanged, truth);
    expect(person.paired['ankle']).toBe(0);
    expect(person.paired['neck']).toBe(1);
    expect(torsoPck(exchanged, truth, { centric: 'observer' }).mean).toBe(1);
  });

  it('leaves out who has no torso, and says how many count', () => {
    const score = truth[0]!.score.map((v, k) => (k === at('right_hip') ? 0 : v));
    const { people, counts } = torsoPck(near, [{ ...truth[0]!, score }, ...truth.slice(1)]);
    expect(people).toBe(19);
    expect(counts[at('neck')]).toBe(19);
  });

  it('refuses another way of naming', () => {
    expect(() => torsoPck(near, truth, { centric: 'both' as never })).toThrow("must be 'person' or 'observer'");
  });
});

it('pairedSides passes over figures that are not there', () => {
  expect(pairedSides([0.8, NaN, 0.5], { names: ['left_hip', 'right_hip', 'neck'] })).toEqual({ hip: 0.8, neck: 0.5 });
});
