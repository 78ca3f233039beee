import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addAnnotationsJson,
  addResultsJson,
  CocoAccumulator,
  evaluateAccumulator,
  evaluateCoco,
  type CocoAnnotation,
  type CocoResult,
} from 'poseblocks/metrics';
import { evaluations, numbers } from './people';

const person = (): Record<string, unknown> => ({
  id: 1,
  image_id: 7,
  category_id: 1,
  keypoints: new Array<number>(51).fill(2),
  num_keypoints: 17,
  area: 100,
  bbox: [0, 0, 10, 10],
  iscrowd: 0,
});
const found = (): Record<string, unknown> => ({
  image_id: 7,
  category_id: 1,
  keypoints: new Array<number>(51).fill(2),
  score: 0.5,
});
const dataset = (annotations: unknown[] = [person()]) => ({ images: [{ id: 7 }, { id: 8 }], annotations });
const evaluate = (results: unknown, annotations: unknown) =>
  evaluateCoco(results as CocoResult[], annotations as CocoAnnotation[]);

describe('a wrong record', () => {
  it.each([
    ['no id', 'annotations[1].id must be an integer. Received: nothing.', [person(), { ...person(), id: undefined }]],
    ['a repeated id', 'annotations[1].id must be unique among the annotations. Received: 1.', [person(), person()]],
    ['an unknown image', 'annotations[0].image_id must be one of the images', [{ ...person(), image_id: 9 }]],
    ['no area', 'annotations[0].area must be a finite number. Received: nothing.', [{ ...person(), area: undefined }]],
    ['a negative area', 'annotations[0].area must be at least 0. Received: -1.', [{ ...person(), area: -1 }]],
    ['no num_keypoints', 'annotations[0].num_keypoints', [{ ...person(), num_keypoints: null }]],
    [
      'a short bbox',
      'annotations[0].bbox.length must be 4 (x, y, width, height). Received: 2.',
      [{ ...person(), bbox: [1, 2] }],
    ],
    ['iscrowd 2', 'annotations[0].iscrowd must be 0 or 1. Received: 2.', [{ ...person(), iscrowd: 2 }]],
    ['16 keypoints', 'annotations[0].keypoints.length must be 51', [{ ...person(), keypoints: new Array(48).fill(0) }]],
    ['no record', 'annotations[0] must be an object. Received: null.', [null]],
  ])('of annotations: %s', (_, message, annotations) => {
    expect(() => evaluate([], dataset(annotations))).toThrow(`annotations: ${message}`);
  });

  it.each([
    [
      'an unknown image',
      'results[0].image_id must be one of the images that the dataset lists. Received: 9.',
      { image_id: 9 },
    ],
    ['a text for an image', 'results[0].image_id must be an integer. Received: "7".', { image_id: '7' }],
    ['no category', 'results[0].category_id must be an integer. Received: nothing.', { category_id: undefined }],
    ['a NaN score', 'results[0].score must be a finite number. Received: NaN.', { score: NaN }],
    [
      'a NaN keypoint',
      'results[0].keypoints[4] must be a finite number. Received: NaN.',
      { keypoints: [0, 0, 0, 0, NaN, ...new Array(46).fill(0)] },
    ],
    [
      'a null keypoint',
      'results[0].keypoints[0] must be a finite number. Received: null.',
      { keypoints: new Array(51).fill(null) },
    ],
    ['keypoints that are no array', 'results[0].keypoints must be an array of 51 numbers', { keypoints: 'x' }],
    ['a bad bbox', 'results[0].bbox[0] must be a finite number. Received: "a".', { bbox: ['a', 0, 0, 0] }],
  ])('of results: %s', (_, message, change) => {
    expect(() => evaluate([{ ...found(), ...change }], dataset())).toThrow(`results: ${message}`);
  });

  it('leaves what was there before', () => {
    const accumulator = new CocoAccumulator().addAnnotations(dataset() as never).addResults([found()] as never);
    const before = evaluateAccumulator(accumulator).summary;
    expect(() => accumulator.addResults([found(), { ...found(), score: NaN }] as never, 'b.json')).toThrow(
      /^b\.json: results\[1\]/,
    );
    expect(() =>
      accumulator.addAnnotations([
        { ...person(), id: 2 },
        { ...person(), id: 1 },
      ] as never),
    ).toThrow(/unique/);
    expect(accumulator.tables.detections.length).toBe(1);
    expect(accumulator.addAnnotations([{ ...person(), id: 2, image_id: 8 }] as never).tables.people.length).toBe(2);
    expect(before.AR).toBe(1);
  });

  it.each([
    ['sigmas', { sigmas: [0.1, 0] }],
    ['thresholds', { thresholds: [0.9, 0.5] }],
    ['maxDets', { maxDets: 0 }],
    ['areaRanges.small', { areaRanges: { small: [9, 1] } }],
    ['nms.threshold', { nms: { threshold: 0 } }],
  ])('option %s is named', (name, options) => {
    expect(() => evaluateCoco([], [], options as never)).toThrow(`CocoAccumulator: ${name} must`);
  });
});

const chunksOf = (text: string, size: number): Uint8Array[] => {
  const bytes = new TextEncoder().encode(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
};
const read = async (annotations: string, results: string, size = 1000) => {
  const accumulator = new CocoAccumulator();
  await addAnnotationsJson(accumulator, chunksOf(annotations, size), { source: 'gt.json' });
  await addResultsJson(accumulator, chunksOf(results, size), { source: 'dt.json' });
  return evaluateAccumulator(accumulator).summary;
};

describe('JSON in chunks', () => {
  it('reads as JSON.parse does, wherever chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(evaluations, fc.integer({ min: 1, max: 5000 }), fc.boolean(), async (drawn, size, spaced) => {
        const { results, ...rest } = drawn;
        const other = {
          info: { text: 'a "quoted" ]}, \\ name', n: [1, { a: [] }] },
          annotations: rest.annotations,
          images: rest.images,
        };
        const text = (value: unknown) => JSON.stringify(value, null, spaced ? 2 : 0);
        expect(await read(text(other), text(results), size)).toEqual(evaluateCoco(results, rest));
      }),
      { numRuns: 30 },
    );
  });

  const truth = JSON.stringify(dataset());
  it.each([
    ['', 'dt.json: must hold JSON. Received: nothing.'],
    ['{"a": 1}', 'dt.json: must be a list of records, [{ … }, …]. Received: an object.'],
    ['[1, 2', 'dt.json: must be complete. Received: an end at byte 5 inside results, after record 1.'],
    ['[] x', 'dt.json: must end here at byte 3. Received: "x".'],
    ['[}', 'dt.json: must be JSON at byte 1. Received: "}".'],
    [`[${JSON.stringify(found())},]`, 'dt.json: results[1] must be JSON.'],
    [`[${JSON.stringify(found())}, {"a" 1}]`, 'dt.json: results[1] must be JSON.'],
    [
      '[{"image_id": 7, "category_id": 1, "score": NaN}]',
      'dt.json: results[0].score must be a finite number. Received: "NaN".',
    ],
    ['[{"image_id": 7, "category_id": 1, "score": -Infinity}]', 'dt.json: results[0].score must be a finite number.'],
  ])('says what is wrong with %j', async (results, message) => {
    await expect(read(truth, results, 3)).rejects.toThrow(message);
  });

  it.each([
    ['{"images": []}', 'gt.json: must hold a list "annotations".'],
    [
      '{"images": [{"id": 1}, {"id": 1}], "annotations": []}',
      'gt.json: images[1].id must be unique among the images. Received: 1.',
    ],
    [
      JSON.stringify({ annotations: [person()], images: [] }),
      'gt.json: annotations[0].image_id must be one of the images',
    ],
    ['{"info": {"a": tru}, "annotations": []}', 'gt.json: "info" must be JSON.'],
    ['{"annotations": [],}', 'gt.json: must be JSON at byte 19. Received: "}".'],
  ])('says what is wrong with %j', async (annotations, message) => {
    await expect(read(annotations, '[]')).rejects.toThrow(message);
  });
});

describe('100 000 damaged inputs', () => {
  const place = /^(gt|dt)\.json: /;
  const field = /^(annotations|results|images|categories): (annotations|results|images|categories|must)/;

  it('as records: evaluate, or say which record and field', () => {
    const random = numbers(1);
    const values = [
      null,
      undefined,
      NaN,
      Infinity,
      -1,
      0,
      1e308,
      2 ** 60,
      '',
      'x',
      [],
      [1],
      {},
      true,
      () => 1,
      Symbol('s'),
      1n,
    ];
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    let refused = 0;
    for (let i = 0; i < 90_000; i++) {
      const [a, r] = [person(), found()];
      const target = pick([a, r]);
      const key = pick(Object.keys(target));
      if (random() < 0.5) target[key] = pick(values);
      else if (Array.isArray(target[key])) (target[key] as unknown[])[Math.floor(random() * 52)] = pick(values);
      else delete target[key];
      try {
        evaluate([r], dataset([a]));
      } catch (error) {
        refused++;
        if (!(error instanceof RangeError || error instanceof TypeError) || !field.test(error.message)) throw error;
      }
    }
    expect(refused).toBeGreaterThan(30_000);
  }, 600_000);

  it('as bytes: evaluate, or say where in which file', async () => {
    const random = numbers(2);
    const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const [gt, dt] = [encode(dataset()), encode([found()])];
    let refused = 0;
    for (let i = 0; i < 10_000; i++) {
      const damaged = [gt.slice(), dt.slice()] as const;
      const bytes = damaged[i % 2]!;
      for (let n = Math.floor(3 * random()); n >= 0; n--) {
        const at = Math.floor(random() * bytes.length);
        bytes[at] = random() < 0.5 ? Math.floor(256 * random()) : '[]{},:"\\0eN '.charCodeAt(Math.floor(12 * random()));
      }
      const end = random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length;
      const accumulator = new CocoAccumulator();
      const chunks = (which: 0 | 1) => [damaged[which].subarray(0, which === i % 2 ? end : undefined)];
      try {
        await addAnnotationsJson(accumulator, chunks(0), { source: 'gt.json' });
        await addResultsJson(accumulator, chunks(1), { source: 'dt.json' });
        evaluateAccumulator(accumulator);
      } catch (error) {
        refused++;
        if (!(error instanceof Error) || !place.test(error.message)) throw error;
      }
    }
    expect(refused).toBeGreaterThan(5000);
  }, 600_000);
});
