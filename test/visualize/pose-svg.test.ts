import fc from 'fast-check';
import { COCO, keypointsOf, MPII } from 'poseblocks/keypoints';
import { poseSvg, type Pose } from 'poseblocks/visualize';
import { describe, expect, test } from 'vitest';
import { all, parseSvg } from './parse-svg';

const size = [100, 80] as const;
const arm = { names: ['left_shoulder', 'left_elbow', 'right_wrist'], edges: [[0, 1], [1, 2]] } as const; // prettier-ignore
const pose: Pose = { xy: [10, 20, 30, 40, 50, 60], score: [0.9, 0.8, 0.7] };

describe('poseSvg', () => {
  test('draws every limb twice, outline first, and every keypoint at the centre of its pixel', () => {
    const svg = poseSvg(pose, { size, skeleton: arm });
    expect(all(svg, 'line').map(({ attributes: { x1, y1, x2, y2 } }) => [x1, y1, x2, y2])).toEqual([
      ['10.5', '20.5', '30.5', '40.5'],
      ['10.5', '20.5', '30.5', '40.5'],
      ['30.5', '40.5', '50.5', '60.5'],
      ['30.5', '40.5', '50.5', '60.5'],
    ]);
    expect(all(svg, 'circle').map(({ attributes: { cx, cy } }) => [cx, cy])).toEqual([
      ['10.5', '20.5'],
      ['30.5', '40.5'],
      ['50.5', '60.5'],
    ]);
    expect(parseSvg(svg)[0]!.attributes).toMatchObject({ viewBox: '0 0 100 80', width: '100', height: '80' });
  });

  test('takes Keypoints and keypoint sets as they are', () => {
    const triplets = Array.from({ length: 17 }, (_, k) => [3 * k, 2 * k, 2]).flat();
    const svg = poseSvg(keypointsOf('image', triplets), { size, skeleton: COCO });
    expect(all(svg, 'circle')).toHaveLength(17);
    expect(all(svg, 'line')).toHaveLength(2 * COCO.edges.length);
  });

  test.each([
    ['prediction', [0.19, 0.2, 1], 2, 0],
    ['prediction', [NaN, 0.9, 1], 2, 0],
    ['truth', [0, 1, 2], 2, 1],
    ['truth', [2, 2, 2], 3, 0],
  ] as const)('a %s of scores %j has %d keypoints, %d of them hollow', (kind, score, drawn, hollow) => {
    const circles = all(poseSvg({ ...pose, score, kind }, { size, skeleton: arm }), 'circle');
    expect(circles).toHaveLength(drawn);
    expect(circles.filter(({ attributes }) => attributes.fill === '#fff')).toHaveLength(hollow);
  });

  test('surer predictions are more opaque; out-of-range confidence is clamped', () => {
    const svg = poseSvg({ ...pose, score: [0.3, 0.6, 7] }, { size, skeleton: arm });
    const opacity = all(svg, 'circle').map(({ attributes }) => Number(attributes.opacity));
    expect(opacity[0]).toBeLessThan(opacity[1]!);
    expect(opacity[2]).toBe(1);
  });

  test('limbs to an occluded keypoint are dashed', () => {
    const lines = all(poseSvg({ ...pose, score: [2, 2, 1], kind: 'truth' }, { size, skeleton: arm }), 'line');
    expect(lines.map(({ attributes }) => 'stroke-dasharray' in attributes)).toEqual([false, false, true, true]);
  });

  test('sides differ in colour, in any set, and the axis has its own', () => {
    const xy = Array.from({ length: 32 }, (_, i) => i);
    const fills = all(poseSvg({ xy }, { size, skeleton: MPII }), 'circle').map(({ attributes }) => attributes.fill);
    const side = (name: string): string => name.match(/^(left|right)_/)?.[1] ?? 'axis';
    const bySide = new Map(MPII.names.map((name, k) => [side(name), fills[k]]));
    expect(new Set(bySide.values()).size).toBe(3);
    expect(fills).toEqual(MPII.names.map((name) => bySide.get(side(name))));
  });

  test('several persons differ in colour; a colour of their own wins', () => {
    const svg = poseSvg([pose, pose, { ...pose, color: '#123456' }], { size, skeleton: arm });
    const fills = all(svg, 'circle').map(({ attributes }) => attributes.fill);
    expect(new Set(fills).size).toBe(3);
    expect(fills.slice(6)).toEqual(['#123456', '#123456', '#123456']);
  });

  test('colours each limb as told', () => {
    const svg = poseSvg(pose, { size, skeleton: arm, colors: ['#aa0000', '#00bb00'] });
    expect(all(svg, 'line').map(({ attributes }) => attributes.stroke)).toEqual(['#000', '#aa0000', '#000', '#00bb00']);
  });

  test('image, view, boxes, labels and names', () => {
    const image = 'a.jpg?x=1&y="<2>"';
    const person = { ...pose, box: [5, 10, 60, 60] as const, label: '<Ann> & "Bob"' };
    const svg = poseSvg(person, {
      size,
      skeleton: arm,
      image,
      view: [5, 5, 50, 40],
      keypointNames: true,
      title: 'A & B',
    });
    expect(all(svg, 'image')[0]!.attributes).toMatchObject({ href: image, width: '100', height: '80' });
    expect(parseSvg(svg)[0]!.attributes).toMatchObject({ viewBox: '5 5 50 40', width: '50', 'aria-label': 'A & B' });
    expect(all(svg, 'rect')[0]!.attributes).toMatchObject({ x: '5', y: '10', width: '60', height: '60' });
    expect(all(svg, 'text').map(({ text }) => text)).toEqual(['left shoulder', 'left elbow', 'right wrist', '<Ann> & "Bob"'].sort((a) => (a.startsWith('<') ? -1 : 1))); // prettier-ignore
    expect(all(svg, 'title')[0]!.text).toBe('A & B');
  });

  test('a height scales the picture, not its coordinates', () => {
    const svg = poseSvg(pose, { size, skeleton: arm, view: [0, 0, 50, 40], height: 200 });
    expect(parseSvg(svg)[0]!.attributes).toMatchObject({ viewBox: '0 0 50 40', width: '250', height: '200' });
  });

  test('a thin pose is finer', () => {
    const widths = [false, true].map((thin) => {
      const [, line] = all(poseSvg({ ...pose, thin }, { size, skeleton: arm, lineWidth: 5 }), 'line');
      return Number(line!.attributes['stroke-width']);
    });
    expect(widths).toEqual([5, 2]);
  });

  test('a label at the edge stays in the picture', () => {
    const svg = poseSvg({ ...pose, box: [90, 0, 10, 20], label: 'person 1' }, { size, skeleton: arm });
    const tag = all(svg, 'rect')[1]!.attributes;
    expect(Number(tag.x) + Number(tag.width)).toBeLessThanOrEqual(100.01);
    expect(Number(tag.y)).toBeGreaterThanOrEqual(0);
  });

  test('a person without any finite keypoint draws nothing but the box', () => {
    const svg = poseSvg({ xy: [NaN, 1, Infinity, 2, 3, -Infinity], box: [1, 1, 5, 5] }, { size, skeleton: arm });
    expect(all(svg, 'circle')).toHaveLength(0);
    expect(all(svg, 'rect')).toHaveLength(1);
  });

  test('no persons: the image alone', () => {
    expect(all(poseSvg([], { size, skeleton: arm, image: 'a.jpg' }), 'image')).toHaveLength(1);
  });

  test('any numbers and any text make well-formed SVG', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -0, 1e300, -5e-324));
    const any = fc.array(number, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 6, maxLength: 6 }),
        any,
        fc.string({ unit: 'binary' }),
        (xy, score, label) => {
          parseSvg(poseSvg({ xy, score, label, box: [0, 0, 5, 5] }, { size, skeleton: arm, title: label }));
        },
      ),
    );
  });

  test.each<[string, Pose, object, string]>([
    [
      'an odd number of coordinates',
      { xy: [1, 2, 3] },
      {},
      'poseSvg: xy must hold x and y of each keypoint. Received: 3 numbers.',
    ],
    [
      'too few scores',
      { ...pose, score: [1] },
      {},
      'poseSvg: score must hold one value per keypoint. Received: 1 for 3.',
    ],
    [
      'an edge to nowhere',
      pose,
      { skeleton: { edges: [[0, 3]] } },
      'poseSvg: edges must join keypoints of the pose. Received: [0, 3] of 3.',
    ],
    [
      'an empty image',
      pose,
      { size: [0, 80] },
      'poseSvg: size must be finite, with positive width and height. Received: [0, 80].',
    ],
    [
      'a broken box',
      { ...pose, box: [0, 0, NaN, 1] },
      {},
      'poseSvg: box must be finite, with positive width and height. Received: [0, 0, NaN, 1].',
    ],
    [
      'a view inside out',
      pose,
      { view: [9, 9, -1, 5] },
      'poseSvg: view must be finite, with positive width and height. Received: [9, 9, -1, 5].',
    ],
    [
      'too few colours',
      pose,
      { colors: ['red'] },
      'poseSvg: colors must hold one colour per edge. Received: 1 for 2 edges.',
    ],
  ])('%s is an error', (_, person, options, message) => {
    expect(() => poseSvg(person, { size, skeleton: arm, ...options })).toThrow(new RangeError(message));
  });
});
