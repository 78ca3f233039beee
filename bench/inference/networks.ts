/**
 * Compiled networks (batch 1) beside ONNX Runtime, native and WebAssembly, on the same exported file, in turns, one thread each:
 *
 *     npx tsx bench/inference/networks.ts [NETWORKS, as lpn-50,hrnet-w32] [ROUNDS] [SIMD: auto|relaxed|plain] [WINOGRAD: true|false|2x2] [PRECISION: float32|int16]
 *
 * A round takes the median of five runs of each; rows go to bench/results/networks.csv. Weights are random: the time does not depend on them.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels, registerWasmGradients, type SimdChoice } from 'poseblocks/engines/wasm';
import { compile } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import { hrnet, lpn, simpleBaseline, stackedHourglass } from 'poseblocks/networks';
import { median, record, seconds } from '../measure';

type Size = [number, number, number];
const NETWORKS: Readonly<Record<string, { size: Size; make: (inputShape: Size) => LayersModel }>> = {
  'lpn-50': { size: [256, 192, 3], make: (inputShape) => lpn('lpn-50', { inputShape, keypoints: 17 }) },
  'hrnet-w32': { size: [256, 192, 3], make: (inputShape) => hrnet('hrnet-w32', { inputShape, keypoints: 17 }) },
  'hourglass-2': {
    size: [256, 256, 3],
    make: (inputShape) => stackedHourglass({ stacks: 2, inputShape, keypoints: 17 }),
  },
  'simple-baseline-50': {
    size: [256, 192, 3],
    make: (inputShape) => simpleBaseline('resnet-50', { inputShape, keypoints: 17 }),
  },
};

/** Seconds that each runs before it is measured. */
const WARM_UP = 3;

const [names = Object.keys(NETWORKS).join(), rounds = '5', simd = 'auto', form = 'true', precision = 'float32'] =
  process.argv.slice(2);
const winograd = form === '2x2' ? form : form === 'true';
await useEngine('wasm', { winograd });
registerWasmGradients({ simd: simd as SimdChoice });
ortWeb.env.wasm.numThreads = 1;

for (const name of names.split(',')) {
  const { size, make } = NETWORKS[name]!;
  const network = make(size);
  const bytes = await exportOnnx(network);
  const native = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const web = await ortWeb.InferenceSession.create(bytes);
  const run = await compile(network, { precision: precision as 'float32' | 'int16' });
  const images = tf.randomUniform([1, ...size], -1, 1, 'float32', 1) as tf.Tensor4D;
  const pixels = (await images.data()) as Float32Array;
  const jobs: Readonly<Record<string, () => Promise<unknown>>> = {
    native: () => native.run({ image: new ort.Tensor('float32', pixels, [1, ...size]) }),
    web: () => web.run({ image: new ortWeb.Tensor('float32', pixels, [1, ...size]) }),
    compiled: async () => {
      const outputs = [run(images)].flat();
      await Promise.all(outputs.map((output) => output.data()));
      tf.dispose(outputs);
    },
  };
  // V8 replaces the code that it made at first by faster one while it runs.
  for (const job of Object.values(jobs)) for (let spent = 0; spent < WARM_UP;) spent += await seconds(job);
  const all: Record<string, number>[] = [];
  for (let round = 0; round < Number(rounds); round++) {
    const times: Record<string, number[]> = { native: [], web: [], compiled: [] };
    for (let i = 0; i < 5; i++) {
      for (const [job, once] of Object.entries(jobs)) times[job]!.push(1000 * (await seconds(once)));
    }
    const [native, web, compiled] = Object.values(times).map(median) as [number, number, number];
    all.push({ native, web, compiled });
    record('networks', [
      {
        network: name,
        simd: describeWasmKernels().simd,
        winograd: form,
        precision,
        round,
        ort_native_ms: native.toFixed(2),
        ort_web_ms: web.toFixed(2),
        compiled_ms: compiled.toFixed(2),
        to_native: (compiled / native).toFixed(3),
        to_web: (compiled / web).toFixed(3),
      },
    ]);
  }
  const middle = (key: string): number => median(all.map((row) => row[key]!));
  const [n, w, c] = ['native', 'web', 'compiled'].map(middle) as [number, number, number];
  console.log(
    `${name}, ${describeWasmKernels().simd}, ${precision}: compiled ${c.toFixed(1)} ms, ONNX Runtime ${n.toFixed(1)} (ratio ${(c / n).toFixed(2)}), ` +
      `onnxruntime-web ${w.toFixed(1)} (${(c / w).toFixed(2)})`,
  );
  run.dispose();
  network.dispose();
  images.dispose();
  await native.release();
  await web.release();
}
