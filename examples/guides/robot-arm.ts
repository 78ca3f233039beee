import { seededRandom, type Random } from 'poseblocks/random';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const SIZE = 128;
const NAMES = ['base', 'shoulder', 'elbow', 'wrist', 'grip', 'finger_left', 'finger_right'];
const SKELETON = [[1, 2], [2, 3], [3, 4], [4, 5], [5, 6], [5, 7]]; // prettier-ignore
type Point = readonly [number, number];

/** Draws pictures of a robot arm and writes their annotations: `folder/images/*.jpg`, `folder/train.json`, `folder/valid.json`. */
export async function drawRobotArms(folder: string, counts: { train: number; valid: number }): Promise<void> {
  await mkdir(join(folder, 'images'), { recursive: true });
  let id = 0;
  for (const [part, count] of Object.entries(counts)) {
    const images: object[] = [];
    const annotations: object[] = [];
    for (let i = 0; i < count; i++, id++) {
      const random = seededRandom(7, id);
      const points = pose(random);
      const fileName = `arm-${String(id).padStart(4, '0')}.jpg`;
      const raw = { width: SIZE, height: SIZE, channels: 3 } as const;
      await sharp(draw(points, random), { raw })
        .jpeg({ quality: 92 })
        .toFile(join(folder, 'images', fileName));
      images.push({ id, file_name: fileName, width: SIZE, height: SIZE });
      annotations.push(annotation(id, points));
    }
    const categories = [{ id: 1, name: 'robot arm', keypoints: NAMES, skeleton: SKELETON }];
    await writeFile(join(folder, `${part}.json`), JSON.stringify({ images, annotations, categories }));
  }
}

function pose(random: Random): Point[] {
  const base: Point = [random.uniform(50, 78), random.uniform(104, 114)];
  const towards = ([x, y]: Point, length: number, angle: number): Point => [
    x + length * Math.sin(angle),
    y - length * Math.cos(angle),
  ];
  const shoulder = towards(base, 16, 0);
  const a = random.uniform(-0.8, 0.8);
  const elbow = towards(shoulder, 30, a);
  const b = a + random.uniform(-1.2, 1.2);
  const wrist = towards(elbow, 24, b);
  const c = b + random.uniform(-0.8, 0.8);
  const grip = towards(wrist, 9, c);
  const open = random.uniform(0.35, 0.8);
  return [base, shoulder, elbow, wrist, grip, towards(grip, 12, c - open), towards(grip, 12, c + open)];
}

function annotation(image: number, points: readonly Point[]): object {
  const seen = ([x, y]: Point): boolean => x >= 0 && y >= 0 && x < SIZE && y < SIZE;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.max(0, Math.min(...xs) - 6), Math.max(0, Math.min(...ys) - 6)];
  const [width, height] = [Math.min(SIZE, Math.max(...xs) + 6) - left, Math.min(SIZE, Math.max(...ys) + 6) - top];
  const keypoints = points.flatMap((point) =>
    seen(point) ? [...point.map((v) => Math.round(10 * v) / 10), 2] : [0, 0, 0],
  );
  const num_keypoints = points.filter(seen).length;
  // From 1: pycocotools takes 0 for "met nobody".
  return { id: image + 1, image_id: image, category_id: 1, bbox: [left, top, width, height], area: width * height, iscrowd: 0, keypoints, num_keypoints }; // prettier-ignore
}

function draw(points: readonly Point[], random: Random): Uint8Array {
  const pixels = new Uint8Array(3 * SIZE * SIZE);
  const [floor, wall] = [random.uniform(60, 140), random.uniform(120, 220)];
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) pixels.fill((y > 108 ? floor : wall) + random.uniform(-9, 9), 3 * (y * SIZE + x), 3 * (y * SIZE + x) + 3); // prettier-ignore
  }
  const tint = random.uniform(-25, 25);
  const paint = [[70, 70, 80], [225, 120, 30], [235, 140, 40], [240, 170, 60], [60, 60, 60], [30, 110, 200]]; // prettier-ignore
  SKELETON.forEach(([a, b], limb) => {
    const thick = limb < 3 ? 4.5 - limb : 1.8;
    stroke(
      pixels,
      points[a! - 1]!,
      points[b! - 1]!,
      thick,
      paint[limb]!.map((value) => value + tint),
    );
  });
  for (const point of points.slice(1, 4)) stroke(pixels, point, point, 4.5, [40, 40, 45]);
  return pixels;
}

/** A line with round ends. */
function stroke(pixels: Uint8Array, [ax, ay]: Point, [bx, by]: Point, radius: number, color: readonly number[]): void {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy || 1;
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
      if (Math.hypot(x - ax - along * dx, y - ay - along * dy) > radius) continue;
      pixels.set(
        color.map((value) => Math.min(255, Math.max(0, value))),
        3 * (y * SIZE + x),
      );
    }
  }
}
