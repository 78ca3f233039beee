import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keypointsOf, type Box, type Size } from 'poseblocks/keypoints';
import {
  bodyWindow,
  bodyWindowCrop,
  boxRegion,
  boxToCrop,
  centerToCrop,
  cleanBox,
  cropFromMatrix,
  imageToCrop,
  keypointsBox,
  mirrorCrop,
  mpiiRegion,
  mpiiToCrop,
  type Crop,
} from 'poseblocks/geometry';
import examples from '../fixtures/examples.json';

const point = (frame: 'image' | 'input', x: number, y: number) => keypointsOf(frame, [x, y, 1]);
const toInput = (crop: Crop, x: number, y: number) => [...crop.toInput(keypointsOf('image', [x, y, 1])).xy];
const toImage = (crop: Crop, x: number, y: number) => [...crop.toImage(keypointsOf('input', [x, y, 1])).xy];
const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) =>
  Array.from(actual, (v, i) => expect(Math.abs(v - expected[i]!), `${v} ≠ ${expected[i]}`).toBeLessThan(tolerance));

describe('the worked examples of the reference', () => {
  test.each(examples.affine)('affine about $center, rotated $rot, to $output', (row) => {
    const [sx, sy] = row.scale as [number, number];
    const crop = centerToCrop(
      { center: row.center as [number, number], size: [200 * sx, 200 * sy] },
      row.output as [number, number],
      {
        rotation: row.rot,
      },
    );
    // The reference solves three float32 points: its numbers carry about 1e-6 of their size.
    near(crop.matrix, row.forward.flat(), 5e-5);
    near(crop.inverse, row.inverse.flat(), 5e-5);
    near(toInput(crop, 130, 150), row.forward_of_130_150, 5e-5);
    near(toInput(crop, 100, 50), row.forward_of_100_50, 5e-5);
  });

  test('heatmap cells → image (transform_preds)', () => {
    const { center, scale, output_size, coords, result } = examples.transform_preds;
    const region = { center: center as [number, number], size: scale.map((s) => 200 * s) as [number, number] };
    const crop = centerToCrop(region, output_size as [number, number]);
    coords.forEach(([x, y], i) => near(toImage(crop, x!, y!), result[i]!, 1e-4));
  });

  test.each(examples.coco_box2cs)('COCO box $box', ({ box, center, scale }) => {
    const region = boxRegion(box as unknown as Box, [192, 256]);
    near(region.center, center, 1e-9);
    near(
      region.size,
      scale.map((s) => 200 * s),
      2e-4,
    ); // printed with six decimals, in units of 200 px
  });

  test.each(examples.mpii_center_scale)('MPII centre $center', ({ center, scale, result }) => {
    const region = mpiiRegion({ center: center as [number, number], scale });
    near(region.center, result[0]!, 1e-9);
    near(
      region.size,
      result[1]!.map((s) => 200 * s),
      1e-9,
    );
  });

  test.each(examples.seed001_crop)(
    'paper 001, centre $center',
    ({ center, scale, image, unclipped, clipped, size, square }) => {
      const person = { center: center as [number, number], scale };
      // The same person amid an image that clamps nothing.
      const moved = { center: [person.center[0] + 1000, person.center[1] + 1000] as const, scale };
      const [left, top, across, down] = bodyWindow(moved, [4000, 4000]);
      near([left - 1000, top - 1000, left + across - 1000, top + down - 1000], unclipped, 1e-4);
      const [x, y, w, h] = bodyWindow(person, image as unknown as Size);
      near([x, y, x + w, y + h], clipped, 1e-4); // printed with four decimals
      near([w, h], size, 1e-4);
      // The crop itself rounds outwards to whole pixels: its square is at most two pixels larger.
      const crop = bodyWindowCrop(person, image as unknown as Size, [256, 256]);
      const side = 256 / crop.matrix[0];
      expect(side).toBeGreaterThan(square - 1e-4);
      expect(side).toBeLessThan(square + 2);
      expect(crop.window).toEqual([
        Math.floor(x),
        Math.floor(y),
        Math.ceil(x + w) - Math.floor(x),
        Math.ceil(y + h) - Math.floor(y),
      ]);
    },
  );
});

describe('boxToCrop', () => {
  test('maps the padded box onto the input, edges to edges', () => {
    const crop = boxToCrop([100, 50, 60, 200], [192, 256]);
    near(toInput(crop, 130 - 93.75, 150 - 125), [0, 0], 1e-5);
    near(toInput(crop, 130 + 93.75, 150 + 125), [192, 256], 1e-4);
  });

  test('aligned to centers, first and last pixel centres coincide with the region and mirroring commutes', () => {
    const crop = boxToCrop([100, 50, 60, 200], [192, 256], { align: 'centers' });
    near(toInput(crop, 130 - 93.75, 150 - 125), [0, 0], 1e-5);
    near(toInput(crop, 130 + 93.75, 150 + 125), [191, 255], 1e-4);
    const mirrored = ({ align }: { readonly align: 'edges' | 'centers' }): number => {
      const some = boxToCrop([100, 50, 60, 200], [192, 256], { align, rotation: 0 });
      return toInput(some, 260 - 117.3, 80)[0]! + toInput(some, 117.3, 80)[0]!;
    };
    expect(mirrored({ align: 'centers' })).toBeCloseTo(191, 4);
    expect(mirrored({ align: 'edges' })).toBeCloseTo(192, 4); // a pixel off what reversing the columns does
  });

  test('positive rotation turns the person counter-clockwise', () => {
    const [x, y] = toInput(boxToCrop([0, 0, 100, 100], [100, 100], { padding: 1, rotation: 90 }), 100, 50);
    near([x!, y!], [50, 0], 1e-4); // the right-hand point goes to the top
  });

  test.each<[string, () => unknown, RegExp]>([
    ['a box without extent', () => boxToCrop([5, 5, 0, 0], [192, 256]), /box must be .* Received: \[5, 5, 0, 0\]/],
    ['a negative width', () => boxToCrop([5, 5, -1, 4], [192, 256]), /Received: \[5, 5, -1, 4\]/],
    ['a NaN', () => boxToCrop([NaN, 5, 1, 4], [192, 256]), /Received: \[NaN/],
    ['no padding', () => boxToCrop([5, 5, 2, 2], [192, 256], { padding: 0 }), /padding=0/],
    ['an empty input', () => boxToCrop([5, 5, 2, 2], [192, 0]), /sizes must be positive.*\[192, 0\]/],
    [
      'an MPII person of no scale',
      () => mpiiToCrop({ center: [5, 5], scale: 0 }, [256, 256]),
      /sizes must be positive/,
    ],
    ['a flat matrix', () => cropFromMatrix([1, 1, 0, 1, 1, 0], [4, 4]), /an invertible map. Received: \[1,1,0,1,1,0\]/],
    [
      'a window outside the image',
      () => bodyWindowCrop({ center: [-900, 10], scale: 1 }, [100, 100], [64, 64]),
      /inside the image/,
    ],
  ])('%s is a RangeError', (_, run, message) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(message);
  });

  test('keypoints of the wrong frame are a TypeError, at run time too', () => {
    const crop = boxToCrop([0, 0, 10, 10], [192, 256]);
    // @ts-expect-error an input-frame person is not an image-frame person
    expect(() => crop.toInput(point('input', 1, 2))).toThrow(
      'Crop: keypoints must be in the image frame. Received: frame "input".',
    );
    expect(() => crop.toImage(point('image', 1, 2) as never)).toThrow(TypeError);
  });
});

describe('laws of every crop', () => {
  const size = fc.tuple(fc.integer({ min: 16, max: 512 }), fc.integer({ min: 16, max: 512 }));
  const length = fc.double({ min: 4, max: 2000, noNaN: true });
  const place = fc.double({ min: -500, max: 3000, noNaN: true });
  const person = fc.record({
    center: fc.tuple(fc.double({ min: 50, max: 600, noNaN: true }), fc.double({ min: 50, max: 400, noNaN: true })),
    scale: fc.double({ min: 0.2, max: 5, noNaN: true }),
  });
  const crops: [string, fc.Arbitrary<Crop>][] = [
    [
      'boxToCrop',
      fc
        .tuple(
          place,
          place,
          length,
          length,
          size,
          fc.double({ min: -180, max: 180, noNaN: true }),
          fc.constantFrom('edges' as const, 'centers' as const),
        )
        .map(([x, y, w, h, s, rotation, align]) => boxToCrop([x, y, w, h], s, { rotation, align })),
    ],
    [
      'mirrorCrop',
      fc.tuple(place, place, length, length, size).map(([x, y, w, h, s]) => mirrorCrop(boxToCrop([x, y, w, h], s))),
    ],
    ['mpiiToCrop', fc.tuple(person, size).map(([p, s]) => mpiiToCrop(p, s))],
    ['bodyWindowCrop', fc.tuple(person, size).map(([p, s]) => bodyWindowCrop(p, [640, 480], s))],
    [
      'imageToCrop',
      fc
        .tuple(size, size, fc.constantFrom('contain' as const, 'stretch' as const))
        .map(([a, b, fit]) => imageToCrop(a, b, { fit })),
    ],
  ];

  test.each(crops)('%s: toImage undoes toInput within float32', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, place, place, (crop, x, y) => {
        const [px, py] = point('image', x, y).xy;
        const input = toInput(crop, x, y);
        const back = toImage(crop, input[0]!, input[1]!);
        // Half an ulp of the input coordinate, through the inverse, and half an ulp of the result.
        const ulp = 2 ** -24;
        const bound = (row: number) =>
          ulp * (Math.abs(crop.inverse[row]! * input[0]!) + Math.abs(crop.inverse[row + 1]! * input[1]!)) * 1.01 +
          ulp * 1.01 * Math.max(Math.abs(px!), Math.abs(py!)) +
          1e-9;
        expect(Math.abs(back[0]! - px!)).toBeLessThanOrEqual(bound(0));
        expect(Math.abs(back[1]! - py!)).toBeLessThanOrEqual(bound(3));
      }),
      { numRuns: 400 },
    );
  });

  test('a box turned by 90° four times is itself', () => {
    fc.assert(
      fc.property(place, place, length, length, (x, y, w, h) => {
        near(
          boxToCrop([x, y, w, h], [192, 256], { rotation: 360 }).matrix,
          boxToCrop([x, y, w, h], [192, 256]).matrix,
          1e-6,
        );
      }),
    );
  });
});

test('mirrorCrop exchanges first and last column, and twice is nothing', () => {
  const crop = boxToCrop([10, 20, 30, 40], [192, 256]);
  const [x, y] = toInput(crop, 17, 33);
  near(toInput(mirrorCrop(crop), 17, 33), [191 - x!, y!], 1e-5);
  near(mirrorCrop(mirrorCrop(crop)).matrix, crop.matrix, 1e-12);
});

test('bodyWindowCrop maps keypoints as the paper does: (p − corner + padding)·256/side', () => {
  const crop = bodyWindowCrop({ center: [594, 257], scale: 3.021046 }, [1280, 720], [256, 256]);
  expect(crop.window).toEqual([412, 0, 364, 575]); // 412.74…775.26 and 0…574.21, outwards
  near(toInput(crop, 594, 257), [((594 - 412 + (575 - 364) / 2) * 256) / 575, (257 * 256) / 575], 1e-4);
});

test('imageToCrop keeps proportions, or stretches', () => {
  near(toInput(imageToCrop([100, 200], [256, 256]), 50, 100), [128, 128], 1e-5);
  near(toInput(imageToCrop([100, 200], [256, 256]), 0, 0), [64, 0], 1e-5);
  near(toInput(imageToCrop([100, 200], [256, 256], { fit: 'stretch' }), 100, 200), [256, 256], 1e-5);
});

test.each<[Box, Box | undefined]>([
  [
    [-5, -5, 20, 20],
    [0, 0, 19, 19],
  ],
  [
    [10, 10, 20, 30],
    [10, 10, 19, 29],
  ],
  [
    [90, 90, 20, 20],
    [90, 90, 9, 9],
  ],
  [[120, 10, 20, 20], undefined],
  [[10, 10, 0, 0], undefined],
])('cleanBox %j in 100×100 → %j', (box, expected) => {
  expect(cleanBox(box, [100, 100])).toEqual(expected);
});

test('keypointsBox bounds the labelled keypoints', () => {
  expect(keypointsBox(keypointsOf('image', [4, 5, 2, 10, 1, 1, 99, 99, 0]))).toEqual([4, 1, 6, 4]);
  expect(keypointsBox(keypointsOf('image', [4, 5, 0]))).toBeUndefined();
});
