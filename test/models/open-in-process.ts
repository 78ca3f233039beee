/** Opens the pose model of the path given and prints what its network makes of ones: for a test that begins with nothing but the file. */
import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { loadPoseModelFile } from 'poseblocks/models/node';

await useEngine('wasm');
const { network, codec } = await loadPoseModelFile(process.argv[2]!);
const [width, height] = codec.inputSize;
const sum = tf.sum(tf.abs(network.predict(tf.ones([1, height, width, 3])) as tf.Tensor));
process.stdout.write(String((await sum.data())[0]));
