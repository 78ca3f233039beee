import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cropImage } from 'poseblocks/datasets';
import { boxRegion } from 'poseblocks/geometry';
import { compile, createEstimator, readPixels, type ImageSource } from 'poseblocks/inference';
import { COCO, MPII, type Box, type Keypoints, type KeypointSet } from 'poseblocks/keypoints';
import { cropOf, loadPoseModel, poseModel, type PoseModel } from 'poseblocks/models';
import { lpn } from 'poseblocks/networks';
import { hourglassDesign } from 'poseblocks/recipes';
import { gaussianCodec } from 'poseblocks/targets';
import type { PoseEstimator } from 'poseblocks/video';
import type { HeatmapStack } from 'poseblocks/visualize';
import type { Entry } from './catalogue';
import { engine } from './engine';

/** Milliseconds of the last estimate. */
export interface Timing {
  crop: number;
  network: number;
  decode: number;
}

/** Heatmaps of one stage for one person, and where they lie in the image. */
export interface Heatmaps extends HeatmapStack {
  readonly region: Box;
}

/** A model that is ready to estimate, and tells what it did. */
export interface OpenModel extends PoseEstimator {
  readonly entry: Entry;
  readonly keypointSet: KeypointSet;
  /** Absent for ONNX files. */
  readonly model: PoseModel | undefined;
  readonly timing: Timing;
  /** Keeps the heatmaps of each estimate. */
  keep: boolean;
  /** By stage, then by box. Of the last estimate, where they were kept. */
  readonly stages: readonly (readonly Heatmaps[])[];
  dispose(): void;
}

/** Opens a model on the engine. */
export async function openModel(entry: Entry): Promise<OpenModel> {
  await engine();
  if (entry.kind === 'onnx') return openOnnx(entry);
  const model = entry.kind === 'design' ? designOf(entry.id) : await loadPoseModel(await entry.bytes());
  return openPose(entry, model);
}

/** A network of a paper with random weights. */
export function designOf(id: string): PoseModel {
  const heatmaps = (inputSize: readonly [number, number]) =>
    gaussianCodec({ inputSize, heatmapSize: [inputSize[0] / 4, inputSize[1] / 4] });
  const of = (network: LayersModel, keypointSet: KeypointSet): PoseModel => {
    const [height, width] = network.inputs[0]!.shape.slice(1) as [number, number];
    return poseModel({ network, codec: heatmaps([width, height]), keypointSet });
  };
  switch (id) {
    case 'hourglass-original':
      return of(hourglassDesign('baseline'), MPII);
    case 'hourglass-reduced':
      return of(hourglassDesign('dwsep_all3'), MPII);
    case 'lpn-50-plain':
      return of(lpn('lpn-50', { attention: 'none' }), COCO);
    case 'lpn-small':
      return of(lpn('lpn-50', { depths: [1, 1, 1, 1] }), COCO);
    default:
      return of(lpn('lpn-50'), COCO);
  }
}

/** The steps of an estimator one by one, so that each can be timed and its heatmaps seen. */
export async function openPose(entry: Entry, model: PoseModel, owned = true): Promise<OpenModel> {
  const run = await compile(model);
  const { codec, keypointSet, normalization, crop: rule } = model;
  const [width, height] = codec.inputSize;
  const each = 3 * width * height;
  const open: OpenModel & { stages: Heatmaps[][] } = {
    entry,
    keypointSet,
    model,
    timing: { crop: 0, network: 0, decode: 0 },
    keep: false,
    stages: [],
    async estimate(image, boxes) {
      if (boxes.length === 0) return [];
      const begun = performance.now();
      const regions = boxes.map((box): Box => {
        if (rule.region === 'image') return [-Infinity, -Infinity, Infinity, Infinity];
        const { center, size } = boxRegion(box, codec.inputSize, rule.padding);
        return [center[0] - size[0] / 2, center[1] - size[1] / 2, size[0], size[1]];
      });
      const part = await readPixels(image, partOf(regions, codec.inputSize, rule.region === 'image'));
      const [sx, sy] = part.scale;
      const [ox, oy] = part.origin;
      const crops = boxes.map(([x, y, w, h]) =>
        cropOf(
          rule,
          [(x - ox) * sx, (y - oy) * sy, w * sx, h * sy],
          [part.image.width, part.image.height],
          codec.inputSize,
        ),
      );
      const input = new Float32Array(boxes.length * each);
      crops.forEach((crop, n) =>
        cropImage(part.image, crop, { normalization, out: input.subarray(n * each, (n + 1) * each) }),
      );
      const cropped = performance.now();
      const images = tf.tensor4d(input, [boxes.length, height, width, 3]);
      const outputs = [run(images)].flat();
      images.dispose();
      await outputs.at(-1)!.data(); // on a GPU, only now it has run
      const ran = performance.now();
      const found = await codec.decodeBatch(outputs.length === 1 ? outputs[0]! : outputs);
      const decoded = performance.now();
      open.stages = open.keep ? await stagesOf(outputs, regions, part.size) : [];
      tf.dispose(outputs);
      Object.assign(open.timing, { crop: cropped - begun, network: ran - cropped, decode: decoded - ran });
      return found.map((keypoints, n) => {
        const { xy, score } = crops[n]!.toImage(keypoints);
        // Coordinate 0 is the first pixel's centre, in the part as in the image.
        const moved = xy.map((value, i) => (i & 1 ? (value + 0.5) / sy + oy : (value + 0.5) / sx + ox) - 0.5);
        return { frame: 'image', xy: moved, score } as Keypoints<'image'>;
      });
    },
    dispose() {
      run.dispose();
      if (owned) model.network.dispose();
    },
  };
  return open;
}

/** The part of the image that all crops need, at twice the resolution of the finest. */
function partOf(
  regions: readonly Box[],
  [width, height]: readonly [number, number],
  whole: boolean,
): { region?: Box; scale?: number; longest?: number } {
  if (whole) return { longest: 2 * Math.max(width, height) };
  const left = Math.min(...regions.map(([x]) => x)) - 2;
  const top = Math.min(...regions.map(([, y]) => y)) - 2;
  const right = Math.max(...regions.map(([x, , w]) => x + w)) + 2;
  const bottom = Math.max(...regions.map(([, y, , h]) => y + h)) + 2;
  return {
    region: [left, top, right - left, bottom - top],
    scale: 2 * Math.max(...regions.map(([, , w]) => width / w)),
  };
}

async function stagesOf(
  outputs: readonly tf.Tensor[],
  regions: readonly Box[],
  size: readonly [number, number],
): Promise<Heatmaps[][]> {
  const maps = outputs.filter(({ rank }) => rank === 4);
  const read = await Promise.all(maps.map((output) => output.data() as Promise<Float32Array>));
  return maps.map((output, stage) => {
    const shape = output.shape.slice(1) as [number, number, number];
    const length = shape[0] * shape[1] * shape[2];
    return regions.map((region, n) => ({
      data: read[stage]!.slice(n * length, (n + 1) * length),
      shape,
      region: Number.isFinite(region[0]) ? region : ([0, 0, ...size] as const),
    }));
  });
}

async function openOnnx(entry: Entry): Promise<OpenModel> {
  // Without its WebGPU: one pair of files to serve.
  const ort = await import('onnxruntime-web/wasm');
  ort.env.wasm.wasmPaths = new URL('./ort/', document.baseURI).href;
  const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  const estimator = await createEstimator({ onnx: await entry.bytes(), runtime: ort, threads });
  const { keypointSet } = estimator;
  if (keypointSet === undefined) {
    await estimator.dispose();
    throw new Error(`${entry.name} must say what its keypoints are. Export it from a pose model, whose metadata does.`);
  }
  const timing = { crop: 0, network: 0, decode: 0 };
  return {
    entry,
    keypointSet,
    model: undefined,
    timing,
    keep: false,
    stages: [],
    async estimate(image: ImageSource, boxes) {
      const begun = performance.now();
      const people = await estimator.estimate(image, boxes);
      timing.network = performance.now() - begun;
      return people;
    },
    dispose: () => void estimator.dispose(),
  };
}
