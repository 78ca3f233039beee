/** Uses an engine, prints a product, and leaves without process.exit(): use-and-leave.ts ENGINE THREADS DISPOSE. */
import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine, type EngineName } from 'poseblocks/engines';
import { offerSoftwareVulkan } from '../../support/software-vulkan';

const [engine, threads, dispose] = process.argv.slice(2);
if (engine === 'webgpu') offerSoftwareVulkan();
const description = await useEngine(engine as EngineName, { threads: Number(threads) });
const product = tf.tidy(() => tf.matMul(tf.ones([2, 8]), tf.ones([8, 1])));
console.log(`${[...(await product.data())].join()} on ${description.name} with ${description.threads}`);
if (dispose === 'true') disposeEngine();
