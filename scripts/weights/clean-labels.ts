import { COCO, LSP, type Keypoints } from 'poseblocks/keypoints';

/** What {@link cleaned} did, counted over people. */
export interface CleaningReport {
  people: number;
  /** Of whom both arms or both legs were exchanged. */
  exchangedArms: number;
  exchangedLegs: number;
  /** Keypoints without a label that got the teacher's, of so many. */
  filled: number;
  missing: number;
  /** Labels far from a sure teacher that became its own. */
  replaced: number;
  /** Labels of limbs near the teacher that moved half the way. */
  averaged: number;
}

export const newReport = (): CleaningReport => ({
  people: 0,
  exchangedArms: 0,
  exchangedLegs: 0,
  filled: 0,
  missing: 0,
  replaced: 0,
  averaged: 0,
});

const at = (name: string): number => LSP.names.indexOf(name);
const pairs = (...parts: string[]): [number, number][] =>
  parts.map((part) => [at(`left_${part}`), at(`right_${part}`)]);
const LIMBS = { exchangedLegs: pairs('hip', 'knee', 'ankle'), exchangedArms: pairs('shoulder', 'elbow', 'wrist') };
/** Hips and shoulders mean different points in the two data sets. */
const SAME_POINT = new Set(pairs('knee', 'ankle', 'elbow', 'wrist').flat());
/** Everything but neck and head, which COCO's keypoints lack. */
const SHARED = LSP.names.map((name, k) => [k, COCO.names.indexOf(name)] as const).filter(([, c]) => c >= 0);

/**
 * Crowd-sourced labels (LSP's 14 keypoints) put right by a teacher's (COCO's 17): arms and legs exchanged where that agrees far better, missing keypoints
 * filled and gross errors replaced where the teacher is sure and agrees about most of the person, labels of limbs averaged with it.
 *
 * @param size the longer side of the person's box, pixels; distances are measured in a quarter of it, about half a torso.
 */
export function cleaned(
  { xy, score, frame }: Keypoints<'image'>,
  teacher: Keypoints<'image'>,
  size: number,
  report: CleaningReport,
): Keypoints<'image'> {
  const unit = size / 4;
  const out = { frame, xy: xy.slice(), score: score.slice() };
  const sure = new Map(SHARED.map(([k, c]) => [k, teacher.score[c]!]));
  const place = new Map(SHARED.map(([k, c]) => [k, [teacher.xy[2 * c]!, teacher.xy[2 * c + 1]!] as const]));
  const distance = (k: number, j = k): number =>
    Math.hypot(out.xy[2 * k]! - place.get(j)![0], out.xy[2 * k + 1]! - place.get(j)![1]);
  const known = (k: number, least: number): boolean => out.score[k]! > 0 && sure.get(k)! > least;

  report.people++;
  for (const [name, limb] of Object.entries(LIMBS) as [keyof typeof LIMBS, [number, number][]][]) {
    const both = limb.filter(([a, b]) => known(a, 0.35) && known(b, 0.35));
    const sum = (of: (a: number, b: number) => number): number => both.reduce((total, [a, b]) => total + of(a, b), 0);
    const same = sum((a, b) => distance(a) + distance(b));
    const exchanged = sum((a, b) => distance(a, b) + distance(b, a));
    if (both.length < 2 || exchanged >= 0.4 * same || same - exchanged <= 0.5 * unit * both.length) continue;
    report[name]++;
    for (const [a, b] of limb) exchange(out, a, b);
  }

  const seen = SHARED.map(([k]) => k).filter((k) => known(k, 0.4));
  const agreed = seen.filter((k) => distance(k) < 0.5 * unit).length;
  const trusted = seen.length >= 6 && agreed >= 0.6 * seen.length;
  for (const [k] of SHARED) {
    const [x, y] = place.get(k)!;
    if (out.score[k] === 0) {
      report.missing++;
      if (!trusted || sure.get(k)! <= 0.45) continue;
      report.filled++;
      out.xy.set([x, y], 2 * k);
      out.score[k] = 1;
    } else if (trusted && known(k, 0.55) && distance(k) > 0.6 * unit) {
      report.replaced++;
      out.xy.set([x, y], 2 * k);
    } else if (trusted && SAME_POINT.has(k) && known(k, 0.5) && distance(k) < 0.6 * unit) {
      report.averaged++;
      out.xy.set([(out.xy[2 * k]! + x) / 2, (out.xy[2 * k + 1]! + y) / 2], 2 * k);
    }
  }
  return out;
}

function exchange({ xy, score }: Keypoints<'image'>, a: number, b: number): void {
  const [x, y, s] = [xy[2 * a]!, xy[2 * a + 1]!, score[a]!];
  xy.set(xy.subarray(2 * b, 2 * b + 2), 2 * a);
  xy.set([x, y], 2 * b);
  [score[a], score[b]] = [score[b]!, s];
}
