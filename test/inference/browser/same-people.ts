import { syntheticPeople } from 'poseblocks/datasets';
import { createEstimator, type OnnxRuntime } from 'poseblocks/inference';
import { COCO } from 'poseblocks/keypoints';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';

const codec = gaussianCodec({
  inputSize: [48, 64],
  heatmapSize: [12, 16],
  refine: softArgmaxDecoder({ beta: 20 }),
  align: 'centers',
});

/** x and y of every keypoint of the people on a drawn photograph, by an ONNX file in one of the runtimes. */
export async function samePeople(onnx: Uint8Array, runtime: OnnxRuntime): Promise<number[]> {
  const { persons, readImage } = syntheticPeople({ seed: 4, count: 5 });
  const image = readImage(persons[0]!);
  const boxes = persons.filter(({ imageId }) => imageId === persons[0]!.imageId).map(({ box }) => box);
  const options = { codec, flipTest: { keypointSet: COCO }, batchSize: 2 };
  const estimator = await createEstimator({ onnx, runtime, threads: 1 }, options);
  try {
    return (await estimator.estimate(image, boxes)).flatMap(({ xy }) => [...xy]);
  } finally {
    await estimator.dispose();
  }
}
