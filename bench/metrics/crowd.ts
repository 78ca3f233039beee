import type { CocoAnnotation as Annotation, CocoDataset, CocoResult } from 'poseblocks/metrics';

/** With every field. */
type CocoAnnotation = Required<Annotation>;

/** A generated evaluation: `images` images, 2 people and `perImage` detections each on average. */
export interface Crowd {
  readonly dataset: CocoDataset & { readonly images: { readonly id: number }[] };
  readonly results: CocoResult[];
}

const sigmas = [26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89].map((s) => s / 1000);

/** Numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeded people and detections, most of them near a person, with coordinates to a hundredth of a pixel. */
export function crowd({
  images,
  people,
  detections,
  seed = 1,
}: {
  images: number;
  people: number;
  detections: number;
  seed?: number;
}): Crowd {
  const random = randomNumbers(seed);
  const between = (low: number, high: number): number => Math.round((low + random() * (high - low)) * 100) / 100;
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const annotations: CocoAnnotation[] = [];
  const ofImage: CocoAnnotation[][] = Array.from({ length: images }, () => []);
  for (let i = 0; i < people; i++) {
    const side = between(20, 300);
    const [x, y] = [between(0, 400), between(0, 300)];
    const unlabelled = random() < 0.1;
    const keypoints = sigmas.flatMap(() =>
      unlabelled || random() < 0.2 ? [0, 0, 0] : [between(x, x + side), between(y, y + side), random() < 0.5 ? 1 : 2],
    );
    const image = i < images ? i : Math.floor(random() * images);
    const annotation: CocoAnnotation = {
      id: i + 1,
      image_id: image + 1,
      category_id: 1,
      keypoints,
      num_keypoints: keypoints.filter((v, j) => j % 3 === 2 && v > 0).length,
      area: side * side * 0.6,
      bbox: [x, y, side, side],
      iscrowd: random() < 0.02 ? 1 : 0,
    };
    annotations.push(annotation);
    ofImage[image]!.push(annotation);
  }
  const results = Array.from({ length: detections }, (_, i): CocoResult => {
    const image = Math.floor((i * images) / detections); // image by image, as networks write them
    const near = ofImage[image]!;
    const person = near[Math.floor(random() * near.length)];
    const noise = random() < 0.3 ? 40 : random() * 2.5;
    const spread = person ? Math.sqrt(person.area) * noise : 0;
    const keypoints = sigmas.flatMap((sigma, k) => [
      Math.round(((person?.keypoints[3 * k] || between(0, 600)) + normal() * sigma * spread) * 100) / 100,
      Math.round(((person?.keypoints[3 * k + 1] || between(0, 400)) + normal() * sigma * spread) * 100) / 100,
      between(0, 1),
    ]);
    return { image_id: image + 1, category_id: 1, keypoints, score: Math.round(random() * 1e6) / 1e6 };
  });
  const list = Array.from({ length: images }, (_, i) => ({ id: i + 1 }));
  return { dataset: { images: list, annotations, categories: [{ id: 1 }] } as Crowd['dataset'], results };
}
