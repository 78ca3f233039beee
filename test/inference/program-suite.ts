import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels, registerWasmGradients, type SimdChoice } from 'poseblocks/engines/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharing } from '../../src/engines/wasm/simd/simd-module';
import { strassen } from '../../src/engines/wasm/simd/strassen';
import { winograd } from '../../src/engines/wasm/simd/winograd';
import type { Graph } from '../../src/graph';
import { compileGraph } from '../../src/inference/compile';
import { runsPrograms } from '../../src/inference/sections';
import { randomGraph } from './random-graph';
import { threadsStarted } from '../support/threads';

type Shape = [number, number, number, number];

async function valuesOf(graph: Graph, images: tf.Tensor4D): Promise<Float32Array[]> {
  const run = compileGraph(graph);
  const outputs = [run(images)].flat();
  const values = await Promise.all(outputs.map((output) => output.data() as Promise<Float32Array>));
  tf.dispose([images, ...outputs]);
  run.dispose();
  return values;
}

/** Holds programs to the same graphs run node by node, with one build of the SIMD module. */
export function describePrograms(simd: SimdChoice, threads = 1): void {
  describe(`programs on wasm, simd '${simd}', threads ${threads}`, () => {
    /** Chooses the build anew, which starts the threads again. */
    const start = async (): Promise<void> => {
      registerWasmGradients({ simd });
      await threadsStarted(threads);
    };
    const imagesOf = (graph: Graph, batch: number): tf.Tensor4D =>
      tf.randomUniform([batch, ...graph.inputs[0]!.shape] as Shape, -1, 1, 'float32', batch);

    beforeAll(async () => {
      await useEngine('wasm', { threads });
      sharing.leastWork = 0; // threads share the smallest step
    });

    it('equal the same graphs node by node, and leave no tensor behind', async () => {
      const cases = Array.from({ length: 300 }, (_, seed) => [randomGraph(seed), 1 + (seed % 3)] as const);
      const before = tf.memory().numTensors;
      registerWasmGradients({ simd: 'off' });
      expect(runsPrograms()).toBe(false);
      const wanted: Float32Array[][] = [];
      for (const [graph, batch] of cases) wanted.push(await valuesOf(graph, imagesOf(graph, batch)));
      await start();
      expect(runsPrograms()).toBe(true);
      expect(describeWasmKernels().threads).toBe(threads);
      for (const [i, [graph, batch]] of cases.entries()) {
        winograd.forced = i % 2 === 0 ? 2 : 4; // on every convolution that it covers
        if (i % 3 > 0) strassen.forced = true;
        const found = await valuesOf(graph, imagesOf(graph, batch)).finally(() => {
          delete winograd.forced;
          delete strassen.forced;
        });
        wanted[i]!.forEach((values, j) => {
          const largest = Math.max(1, ...values.map(Math.abs));
          const worst = Math.max(0, ...values.map((value, k) => Math.abs(value - found[j]![k]!)));
          expect(found[j]!.length).toBe(values.length);
          expect(worst / largest, `${graph.name}, output ${graph.outputs[j]}`).toBeLessThan(2e-5);
        });
      }
      expect(tf.memory().numTensors).toBe(before);
    });

    it('take a batch of none, and images of whole numbers', async () => {
      await start();
      const graph = randomGraph(7);
      const [height, width, channels] = graph.inputs[0]!.shape as [number, number, number];
      const empty = tf.zeros([0, height, width, channels]) as tf.Tensor4D;
      expect((await valuesOf(graph, empty)).every(({ length }) => length === 0)).toBe(true);
      const whole = tf.fill([1, height, width, channels], 3, 'int32') as tf.Tensor4D;
      const real = tf.fill([1, height, width, channels], 3) as tf.Tensor4D;
      expect(await valuesOf(graph, whole)).toEqual(await valuesOf(graph, real));
    });

    it('say that they were compiled for another engine', async () => {
      await start();
      const graph = randomGraph(3);
      const run = compileGraph(graph);
      await tf.setBackend('cpu');
      const images = imagesOf(graph, 1);
      expect(() => run(images)).toThrow('the network was compiled for, wasm. Received: cpu. Compile it again.');
      tf.dispose(images);
      await tf.setBackend('wasm');
      run.dispose();
    });

    it('say that the module they were compiled for is gone', async () => {
      await start();
      const graph = randomGraph(3);
      const run = compileGraph(graph);
      registerWasmGradients({ simd: 'off' });
      const images = tf.zeros([1, ...graph.inputs[0]!.shape] as Shape) as tf.Tensor4D;
      expect(() => run(images)).toThrow(/Compile the network again/);
      tf.dispose(images);
      run.dispose();
    });
  });
}
