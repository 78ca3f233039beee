import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { topDown, type Batch } from 'poseblocks/datasets';
import { exportKeras } from 'poseblocks/interop';
import type { Keypoints } from 'poseblocks/keypoints';
import { torsoPck } from 'poseblocks/metrics';
import type { PoseModel } from 'poseblocks/models';
import { codec } from './networks';
import { testPeople } from './people';

const PREDICT = `
import sys, numpy as np, keras
folder, count, side = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
images = np.fromfile(folder + "/images.bin", np.float32).reshape(count, side, side, 3)
model = keras.saving.load_model(folder + "/model.keras", compile=False)
np.asarray(model.predict(images, batch_size=32, verbose=0), np.float32).tofile(folder + "/heatmaps.bin")
`;

/** PCK@0.2, without the flip test, by the network here and by Keras with the exported file, on the same crops. `python` has Keras 3 and one of its backends. */
export async function inKeras(
  { network }: PoseModel,
  data: string,
  python: string,
  people = 250,
): Promise<{ mean: { ours: number; keras: number }; people: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-keras-'));
  try {
    writeFileSync(join(folder, 'model.keras'), await exportKeras(network));
    const test = await testPeople(data);
    const batches: Batch[] = [];
    const persons = test.persons.slice(0, people);
    for await (const batch of topDown({ ...test, persons, codec, batchSize: 32 })) batches.push(batch);
    const images = tf.tidy(() => tf.concat(batches.map((batch) => batch.images)));
    const [count, side] = images.shape;
    writeFileSync(join(folder, 'images.bin'), new Uint8Array((await images.data()).buffer as ArrayBuffer));
    execFileSync(python, ['-c', PREDICT, folder, String(count), String(side)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const bytes = readFileSync(join(folder, 'heatmaps.bin'));
    const [w, h] = codec.heatmapSize;
    const heatmaps = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const theirs = tf.tensor4d(heatmaps, [count!, h, w, heatmaps.length / (count! * h * w)]);

    const crops = batches.flatMap((batch) => batch.crops);
    const truth = batches.flatMap((batch) => batch.samples.map(({ keypoints }) => keypoints));
    const scored = async (output: tf.Tensor): Promise<number> => {
      const found: Keypoints<'image'>[] = (await codec.decodeBatch(output)).map((one, n) => crops[n]!.toImage(one));
      return torsoPck(found, truth).mean;
    };
    const ours = tf.tidy(() => tf.concat(batches.map((batch) => network.predict(batch.images) as tf.Tensor4D)));
    const mean = { ours: await scored(ours), keras: await scored(theirs) };
    tf.dispose([images, theirs, ours, ...batches.flatMap((batch) => [batch.images])]);
    return { mean, people: count! };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
