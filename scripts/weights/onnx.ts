import { createEstimator, type Estimator } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import { torsoPck } from 'poseblocks/metrics';
import type { PoseModel } from 'poseblocks/models';
import { testPeople } from './people';

/** PCK@0.2 by the estimator of this library and by ONNX Runtime with the exported file, and the most that a keypoint moves, pixels of the photograph. */
export async function inOnnxRuntime(
  model: PoseModel,
  data: string,
  people = 250,
): Promise<{ mean: { ours: number; onnx: number }; worst: number; people: number }> {
  const test = await testPeople(data);
  const persons = test.persons.slice(0, people);
  const found = async (estimator: Estimator) => {
    const all = [];
    for (const person of persons) {
      all.push((await estimator.estimate(await test.readImage(person), [person.box]))[0]!);
    }
    await estimator.dispose();
    return all;
  };
  const ours = await found(await createEstimator(model, { flipTest: true }));
  const onnx = await found(
    await createEstimator({ onnx: await exportOnnx(model), runtime: 'node' }, { flipTest: true }),
  );
  const truth = persons.map(({ keypoints }) => keypoints);
  const distance = (n: number, k: number): number => Math.abs(ours[n]!.xy[k]! - onnx[n]!.xy[k]!);
  const worst = Math.max(...ours.flatMap(({ xy }, n) => Array.from(xy, (_, k) => distance(n, k))));
  return {
    mean: { ours: torsoPck(ours, truth).mean, onnx: torsoPck(onnx, truth).mean },
    worst,
    people: persons.length,
  };
}
