/** The library on WebGPU, as a process that `peer.ts` asks. DAWN_FLAGS has further flags for Dawn, separated by spaces. */
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { useEngine } from 'poseblocks/engines';
import { compile } from 'poseblocks/inference';
import { hrnet, lpn } from 'poseblocks/networks';
import { adam } from 'poseblocks/training';
import { countCommands } from './command-counter';
import type { Calls, Case, Description, Kernel, Request, Started } from './protocol';

const dawnFlags = ['disable-dawn-features=timestamp_quantization', ...(process.env['DAWN_FLAGS']?.split(' ') ?? [])];
await useEngine('webgpu', { dawnFlags, packages: { webgpu: () => import('@tensorflow/tfjs-backend-webgpu') } }); // prettier-ignore
const counts = countCommands();
let deviceError: string | undefined;
(tf.backend() as WebGPUBackend).device.addEventListener('uncapturederror', ({ error }) => {
  deviceError ??= error.message.split('\n')[0]!;
});

/** No further warm-up call begins after this time. */
const WARM_UP_MS = 5000;

type Call = () => tf.Scalar;
let calls: Readonly<Record<string, Call>> = {};
let endCase = (): void => {};

async function start({ network: name, pass, batch, height, width }: Case): Promise<Started> {
  endCase();
  const options = { inputShape: [height, width, 3] as const, keypoints: 17 };
  const network = name === 'lpn-50' ? lpn('lpn-50', options) : hrnet('hrnet-w32', options);
  const images = tf.randomUniform<tf.Rank.R4>([batch, height, width, 3], -1, 1, 'float32', 1);
  const heatmaps = tf.randomUniform([batch, height / 4, width / 4, 17], 0, 1, 'float32', 2);
  const optimizer = adam(1e-3);
  const compiled = pass === 'inference' ? await compile(network) : undefined;
  endCase = () => {
    tf.dispose([images, heatmaps]);
    compiled?.dispose();
    optimizer.dispose();
    network.dispose();
  };
  const loss: Call = () =>
    tf.losses.meanSquaredError(heatmaps, network.apply(images, { training: true }) as tf.Tensor) as tf.Scalar;
  calls = compiled
    ? {
        'webgpu predict': () => tf.tidy(() => tf.sum(network.predict(images) as tf.Tensor)),
        'webgpu compiled': () => tf.tidy(() => tf.sum(compiled(images) as tf.Tensor)),
      }
    : { webgpu: () => optimizer.minimize(loss, true)! };
  const first: number[] = [];
  for (const call of Object.values(calls)) {
    first.push((await timed(call)).ms);
    const end = performance.now() + WARM_UP_MS;
    for (let i = 0; i < 2 && performance.now() < end; i++) await timed(call);
  }
  const parameters = network.trainableWeights.reduce(
    (sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]),
    0,
  );
  return { engines: Object.keys(calls), parameters, first_ms: first };
}

/** Milliseconds of a call, and of its part before it waits. */
async function timed(call: Call): Promise<{ ms: number; encode_ms: number }> {
  const from = performance.now();
  const result = call();
  const encoded = performance.now();
  const [value] = await result.data();
  const ms = performance.now() - from;
  result.dispose();
  if (deviceError !== undefined || !Number.isFinite(value)) throw new Error(deviceError ?? `the result is ${value}`);
  return { ms, encode_ms: encoded - from };
}

async function run(engine: string, seconds: number): Promise<Calls> {
  const before = { ...counts };
  const times: Awaited<ReturnType<typeof timed>>[] = [];
  const end = performance.now() + 1000 * seconds;
  do times.push(await timed(calls[engine]!));
  while (performance.now() < end);
  const mean = (sum: number): number => sum / times.length;
  const commands = {
    encode_ms: mean(times.reduce((sum, { encode_ms }) => sum + encode_ms, 0)),
    dispatches: mean(counts.dispatches - before.dispatches),
    submits: mean(counts.submits - before.submits),
    upload_bytes: mean(counts.upload_bytes - before.upload_bytes),
  };
  return { ms: times.map(({ ms }) => ms), commands };
}

/** The kernels of a call, by the GPU's own clock, each kind with its sum; the longest first. */
async function kernels(): Promise<{ engine: string; kernels: Kernel[] }> {
  const [engine, call] = Object.entries(calls).at(-1)!;
  const info = (await tf.time(() => call().dispose())) as unknown as { getExtraProfileInfo: () => string };
  const sums = new Map<string, { dispatches: number; ms: number }>();
  for (const part of info.getExtraProfileInfo().split(', ')) {
    const [name, ms] = part.split(': ') as [string, string];
    const program = name.replace(/\d+$/, ''); // the bundler numbers names
    const sum = sums.get(program) ?? { dispatches: 0, ms: 0 };
    sums.set(program, { dispatches: sum.dispatches + 1, ms: sum.ms + Number(ms) });
  }
  const rows = [...sums].map(([program, sum]) => ({ program, ...sum })).sort((a, b) => b.ms - a.ms);
  return { engine, kernels: rows };
}

async function describe(): Promise<Description> {
  const { vendor, architecture, device: chip, description } = (await navigator.gpu.requestAdapter())!.info;
  const device = [vendor, architecture, chip, description, `Node ${process.versions.node}`].filter(Boolean).join(' / ');
  return { device, software: /swiftshader|llvmpipe|lavapipe/i.test(device) };
}

async function answer(request: Request): Promise<object> {
  switch (request.do) {
    case 'describe':
      return describe();
    case 'start':
      return start(request);
    case 'run':
      return run(request.engine, request.seconds);
    case 'kernels':
      return kernels();
  }
}

for await (const line of createInterface(process.stdin)) {
  const reply = await answer(JSON.parse(line) as Request).catch((error: Error) => ({ error: error.message }));
  console.log(JSON.stringify(reply));
}
