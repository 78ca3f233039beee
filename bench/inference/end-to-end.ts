/**
 * Photographs and boxes to keypoints in pixels of the photograph, LPN-50 (256×192), 100 persons, without flip test: `createEstimator` on our ONNX file in
 * onnxruntime, beside the pipeline a Python user writes (OpenCV, ONNX Runtime on PyTorch's export, numpy), in turns:
 *
 *     PEERS=path/to/peers.py PYTHON=python3 MODEL=path/to/lpn50-reference.onnx IMAGES=path/to/images \
 *       DETECTIONS=detections.json ANNOTATIONS=annotations.json npx tsx bench/inference/end-to-end.ts [ROUNDS] [THREADS]
 *
 * Rows go to bench/results/end-to-end.csv.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import type { Box } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { quarterOffset } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { median, record, seconds } from '../measure';

const rounds = Number(process.argv[2] ?? 5);
const threads = Number(process.argv[3] ?? 1);
const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`end-to-end.ts: set ${name}. See the head of the file.`);
  return value;
};
const [peers, model, images] = [setting('PEERS'), setting('MODEL'), setting('IMAGES')];
const [detections, annotations] = [setting('DETECTIONS'), setting('ANNOTATIONS')];

const files = new Map(
  (JSON.parse(readFileSync(annotations, 'utf8')) as { images: { id: number; file_name: string }[] }).images.map(
    ({ id, file_name }) => [id, join(images, file_name)],
  ),
);
const persons = (JSON.parse(readFileSync(detections, 'utf8')) as { image_id: number; bbox: Box }[])
  .filter(({ image_id }) => files.has(image_id))
  .slice(0, 100);
const byImage = new Map<number, Box[]>();
for (const { image_id, bbox } of persons) byImage.set(image_id, [...(byImage.get(image_id) ?? []), bbox]);

await useEngine('cpu');
const network = lpn('lpn-50', { initialization: 'torch' });
const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64], refine: quarterOffset });
const onnx = await exportOnnx(network);
const estimator = await createEstimator({ onnx, runtime: 'node', threads }, { codec, batchSize: 1 });

async function own(): Promise<void> {
  for (const [id, boxes] of byImage) await estimator.estimate(await decodeImage(files.get(id)!), boxes);
}
function peer(): number {
  const command = [peers, 'e2e', '4', model, images, detections, annotations];
  const env = { ...process.env, THREADS: String(threads) };
  return (
    JSON.parse(execFileSync(process.env['PYTHON'] ?? 'python3', command, { env, encoding: 'utf8' })) as {
      median_s: number;
    }
  ).median_s;
}

await own();
for (let round = 0; round < rounds; round++) {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) times.push(await seconds(own));
  const [a, b] = [persons.length / median(times), persons.length / peer()];
  console.log(`round ${round}: ${a.toFixed(1)} persons/s, Python ${b.toFixed(1)}, ratio ${(a / b).toFixed(2)}`);
  record('end-to-end', [
    {
      threads,
      persons: persons.length,
      round,
      poseblocks_per_s: a.toFixed(2),
      python_per_s: b.toFixed(2),
      ratio: (a / b).toFixed(3),
    },
  ]);
}
