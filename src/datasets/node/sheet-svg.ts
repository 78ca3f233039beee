import type { KeypointSet } from '../../keypoints';
import type { DiagnosedPerson } from '../doctor/diagnose';

/** Box, limbs and keypoints of a person as SVG elements; left is green, right is red, hidden keypoints are hollow. */
export function poseSvgParts(
  { box, keypoints: { xy, score } }: DiagnosedPerson,
  { edges, names }: KeypointSet,
  scale: number,
): string {
  const at = (value: number): string => (value * scale).toFixed(1);
  const color = (k: number): string => (/left/i.test(names[k]!) ? '#4f4' : /right/i.test(names[k]!) ? '#f55' : '#fc3');
  const limbs = edges
    .filter(([a, b]) => score[a]! > 0 && score[b]! > 0)
    .map(
      ([a, b]) =>
        `<line x1="${at(xy[2 * a]!)}" y1="${at(xy[2 * a + 1]!)}" x2="${at(xy[2 * b]!)}" y2="${at(xy[2 * b + 1]!)}" stroke="${color(a)}"/>`,
    );
  const points = names
    .map((_, k) => k)
    .filter((k) => score[k]! > 0)
    .map((k) => {
      const fill = score[k] === 1 ? 'none' : color(k);
      return `<circle cx="${at(xy[2 * k]!)}" cy="${at(xy[2 * k + 1]!)}" r="2.5" fill="${fill}" stroke="${color(k)}"/>`;
    });
  const [x, y, width, height] = (box ?? []).map(at);
  const frame = box && `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="#fff"/>`;
  return [frame ?? '', ...limbs, ...points].join('');
}
