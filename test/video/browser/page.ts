import * as tf from '@tensorflow/tfjs-core';
import { syntheticWalk } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { createEstimator, imageSize, readPixels, type ImageSource } from 'poseblocks/inference';
import { COCO, keypointsOf } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { drawHeatmap, drawPose, fitCanvas, frames } from 'poseblocks/video';
import { poseSvg } from 'poseblocks/visualize';

const { image, annotations } = syntheticWalk({ seed: 3, imageSize: [640, 480] }).at(1);
const rgba = new ImageData(640, 480);
for (let i = 0; i < 640 * 480; i++) rgba.data.set([...image.data.subarray(3 * i, 3 * i + 3), 255], 4 * i);

function canvasOf(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  return [canvas, canvas.getContext('2d')!];
}

/** The same picture as everything that a browser has. */
async function sources(): Promise<Record<string, ImageSource>> {
  const [canvas, context] = canvasOf(640, 480);
  context.putImageData(rgba, 0, 0);
  const blob = await new Promise<Blob>((done) => canvas.toBlob((made) => done(made!), 'image/png'));
  const page = new Image();
  page.src = URL.createObjectURL(blob);
  await page.decode();
  const offscreen = new OffscreenCanvas(640, 480);
  offscreen.getContext('2d')!.putImageData(rgba, 0, 0);
  const bitmap = await createImageBitmap(rgba);
  const frame = new VideoFrame(bitmap, { timestamp: 0 });
  return { raw: image, imageData: rgba, canvas, offscreen, bitmap, page, blob, frame };
}

const page = {
  /** Keypoints of a network of random weights in each kind of image, in one box and in the whole picture. */
  async estimateEach(): Promise<Record<string, { xy: number[]; leaked: number }>> {
    await useEngine('wasm', { wasmPaths: '/wasm/' });
    const network = lpn('lpn-50', { inputShape: [128, 96, 3], depths: [1, 1, 1, 1], seed: 5 });
    const codec = gaussianCodec({ inputSize: [96, 128], heatmapSize: [24, 32] });
    const estimator = await createEstimator(network, { codec });
    const all = await sources();
    const box = annotations[0]!.bbox as unknown as [number, number, number, number];
    await estimator.estimate(image, [box]);
    const found: Record<string, { xy: number[]; leaked: number }> = {};
    for (const [name, source] of Object.entries(all)) {
      const before = tf.memory().numTensors;
      const [person] = await estimator.estimate(source, [box]);
      found[name] = { xy: [...person!.xy], leaked: tf.memory().numTensors - before };
    }
    return found;
  },
  /** Sizes and parts of a drawn picture. */
  async parts() {
    const { bitmap, blob } = await sources();
    const half = await readPixels(bitmap!, { longest: 320 });
    const region = await readPixels(blob!, { region: [100.5, -20, 50, 60] });
    const pixel = (x: number, y: number): number[] => [
      ...image.data.subarray(3 * (640 * y + x), 3 * (640 * y + x) + 3),
    ];
    return {
      size: imageSize(bitmap!),
      half: [half.image.width, half.image.height, ...half.scale, ...half.origin],
      region: [region.image.width, region.image.height, ...region.scale, ...region.origin],
      same: [[...region.image.data.subarray(0, 3)], pixel(100, 0)],
    };
  },
  /** How far a canvas that drawPose has drawn on differs from the SVG of the same people. */
  async drawings(): Promise<{ differing: number; drawn: number; heat: number[]; fitted: boolean[]; sizes: number[] }> {
    const people = annotations.map((a) => ({
      ...keypointsOf('image', a.keypoints),
      kind: 'truth' as const,
      box: a.bbox as unknown as [number, number, number, number],
      label: '1 · 87 %',
    }));
    const options = { skeleton: COCO, size: [640, 480] as const, keypointNames: true };
    const [, own] = canvasOf(1280, 960);
    drawPose(own, people, options);
    const svg = new Image();
    svg.src = `data:image/svg+xml,${encodeURIComponent(poseSvg(people, { ...options, height: 960 }))}`;
    await svg.decode();
    const [, theirs] = canvasOf(1280, 960);
    theirs.drawImage(svg, 0, 0);
    const [a, b] = [own, theirs].map((context) => context.getImageData(0, 0, 1280, 960).data) as [
      Uint8ClampedArray,
      Uint8ClampedArray,
    ];
    let [differing, drawn] = [0, 0];
    for (let i = 0; i < a.length; i += 4) {
      if (b[i + 3]! > 0) drawn++;
      if (Math.abs(a[i]! - b[i]!) + Math.abs(a[i + 1]! - b[i + 1]!) + Math.abs(a[i + 3]! - b[i + 3]!) > 96) differing++;
    }
    // One hot cell of a 4 × 4 map over the right half of the picture.
    const data = new Float32Array(16);
    data[4 * 2 + 1] = 1;
    const [, heat] = canvasOf(160, 80);
    drawHeatmap(
      heat,
      { data, shape: [4, 4, 1] },
      { keypoint: 0, box: [320, 0, 320, 320], size: [640, 320], opacity: 1 },
    );
    const alpha = (x: number, y: number): number => heat.getImageData(x, y, 1, 1).data[3]!;
    const [canvas] = canvasOf(10, 10);
    canvas.style.cssText = 'width: 200px; height: 100px; display: block';
    document.body.append(canvas);
    const fitted = [fitCanvas(canvas, 2), fitCanvas(canvas, 2)];
    return {
      differing,
      drawn,
      heat: [alpha(80 + 30, 50), alpha(80 + 70, 10), alpha(20, 50)],
      fitted,
      sizes: [canvas.width, canvas.height],
    };
  },
  /** A loop slower than the camera: when each picture was taken, and how old it was. */
  async slowLoop(milliseconds: number, count: number) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: stream });
    await video.play();
    const stop = new AbortController();
    const seen: { time: number; dropped: number; behind: number }[] = [];
    for await (const { image: shown, time, dropped } of frames(video, { signal: stop.signal })) {
      seen.push({ time, dropped, behind: shown.currentTime - time });
      const until = performance.now() + milliseconds;
      while (performance.now() < until);
      await new Promise((next) => setTimeout(next));
      if (seen.length === count) stop.abort();
    }
    for (const track of stream.getTracks()) track.stop();
    return { seen, width: video.videoWidth };
  },
};
export type Page = typeof page;
Object.assign(globalThis, { page });
