/**
 * The code of the page on codecs: what a heatmap and its decoder cost, in pixels of the input.
 * @quick
 */
// #region measure
import { argmax, dark, quarterOffset, softArgmaxDecoder } from 'poseblocks/postprocess';
import { seededRandom } from 'poseblocks/random';
import { gaussianCodec } from 'poseblocks/targets';

/** 2,000 points encoded and decoded: the mean error along x, with its sign, and the mean distance, in pixels of an input of 192 × 256. */
function cost(center: 'rounded' | 'exact', refine: typeof argmax): { bias: number; distance: number } {
  const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64], sigma: 2, center, refine });
  const random = seededRandom(1);
  let [bias, distance] = [0, 0];
  for (let n = 0; n < 2000; n++) {
    const [x, y] = [random.uniform(40, 150), random.uniform(40, 215)];
    const person = { frame: 'input', xy: Float32Array.of(x, y), score: Float32Array.of(2) } as const;
    const [foundX, foundY] = codec.decode(codec.encode(person)).xy as unknown as [number, number];
    bias += (foundX - x) / 2000;
    distance += Math.hypot(foundX - x, foundY - y) / 2000;
  }
  return { bias: +bias.toFixed(3), distance: +distance.toFixed(3) };
}

console.table({
  'argmax, rounded centres': cost('rounded', argmax),
  'argmax, exact centres': cost('exact', argmax),
  'quarter offset, rounded centres': cost('rounded', quarterOffset),
  'quarter offset, exact centres': cost('exact', quarterOffset),
  'DARK, rounded centres': cost('rounded', dark),
  'DARK, exact centres': cost('exact', dark),
  'soft-argmax, β = 30 within 3 cells, exact centres': cost('exact', softArgmaxDecoder({ beta: 30, radius: 3 })),
});
// #endregion
