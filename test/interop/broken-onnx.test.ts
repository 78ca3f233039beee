import fc from 'fast-check';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx, readOnnx } from 'poseblocks/interop';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { beforeAll, expect, it } from 'vitest';

let bytes: Uint8Array;
let channelsFirst: Uint8Array;
beforeAll(async () => {
  await useEngine('cpu');
  const network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], initialization: 'he' });
  bytes = await exportOnnx(network);
  channelsFirst = await exportOnnx(network, { layout: 'nchw' });
  network.dispose();
});

it('a broken ONNX file is a RangeError that says so, or another file', () => {
  // Names and shapes lie at both ends, between them numbers.
  const at = fc.oneof(fc.nat(20_000), fc.nat(20_000).map((from) => bytes.length - 1 - from)); // prettier-ignore
  fc.assert(
    fc.property(at, fc.nat(255), fc.boolean(), (place, value, cut) => {
      const broken = cut ? bytes.slice(0, place) : bytes.slice().fill(value, place, place + 1);
      try {
        readOnnx(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as Error).message).toMatch(/^readOnnx: the bytes must be a/);
      }
    }),
    { numRuns: 200, seed: 8 },
  );
});

it('a file of channels first is run as its metadata says', async () => {
  const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16] });
  const image = { width: 8, height: 8, data: new Uint8Array(192).fill(90) };
  const [first, last] = await Promise.all(
    [channelsFirst, bytes].map(async (onnx) => {
      const estimator = await createEstimator({ onnx, runtime: 'node' }, { codec });
      const found = await estimator.estimate(image, [[0, 0, 8, 8]]);
      await estimator.dispose();
      return found;
    }),
  );
  expect(first).toEqual(last);
});

it('a file for other images is an error that tells which it must take', async () => {
  const codec = gaussianCodec({ inputSize: [96, 64], heatmapSize: [24, 16] });
  const image = { width: 8, height: 8, data: new Uint8Array(192) };
  const estimator = await createEstimator({ onnx: bytes, runtime: 'node' }, { codec });
  await expect(estimator.estimate(image, [[0, 0, 8, 8]])).rejects.toThrow(
    /^createEstimator: the file must take images \[N, 64, 96, 3\]\. Received: .*invalid dimensions.*channels last\.$/s,
  );
  await estimator.dispose();
});
