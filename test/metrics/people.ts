import fc from 'fast-check';
import type { CocoAnnotation as Annotation, CocoResult } from 'poseblocks/metrics';

/** With every field. */
type CocoAnnotation = Required<Annotation>;

/** A small evaluation, drawn: some images, people and detections near them, few distinct scores so that they tie. */
export const evaluations: fc.Arbitrary<{
  images: { id: number }[];
  annotations: CocoAnnotation[];
  results: CocoResult[];
}> = fc
  .record({ images: fc.integer({ min: 1, max: 5 }), people: fc.integer({ min: 0, max: 8 }), seed: fc.integer() })
  .map(({ images, people, seed }) => draw(images, people, seed));

function draw(imageCount: number, peopleCount: number, seed: number) {
  const random = numbers(seed);
  const images = Array.from({ length: imageCount }, (_, i) => ({ id: 10 * i + 3 }));
  const annotations = Array.from({ length: peopleCount }, (_, i): CocoAnnotation => {
    const side = 20 + 200 * random();
    const [x, y] = [400 * random(), 300 * random()];
    const keypoints = Array.from({ length: 17 }, () => [
      x + side * random(),
      y + side * random(),
      Math.floor(3 * random()),
    ]).flat();
    return {
      id: i + 1,
      image_id: images[Math.floor(random() * imageCount)]!.id,
      category_id: 1,
      keypoints,
      num_keypoints: keypoints.filter((v, j) => j % 3 === 2 && v > 0).length,
      area: side * side * 0.7,
      bbox: [x, y, side, side],
      iscrowd: random() < 0.1 ? 1 : 0,
    };
  });
  const results = Array.from({ length: 3 * peopleCount }, (): CocoResult => {
    const person = annotations[Math.floor(random() * peopleCount)]!;
    const noise = 0.1 * Math.sqrt(person.area) * random();
    const keypoints = Array.from(person.keypoints, (v, j) => (j % 3 === 2 ? 1 : v + noise * (random() - 0.5)));
    return { image_id: person.image_id, category_id: 1, keypoints, score: Math.round(4 * random()) / 4 };
  });
  return { images, annotations, results };
}

export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
