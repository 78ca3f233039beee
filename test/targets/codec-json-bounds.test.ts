import { describe, expect, it } from 'vitest';
import { codecFromJSON } from 'poseblocks/targets';

/** What a file may claim: each is refused at once, with at most a line of it. */
const sizes = { inputSize: [192, 256], heatmapSize: [48, 64] };
const gaussian = { codec: 'gaussian', ...sizes, sigma: 2, factor: 1, center: 'rounded', align: 'edges', truncate: 3 };
const argmax = { decoder: 'argmax' };
let nested: unknown = 1;
for (let i = 0; i < 100_000; i++) nested = [nested];

describe('codecFromJSON on JSON from elsewhere', () => {
  it.each<[string, unknown]>([
    ['DARK with a kernel of 4e8 + 1', { ...gaussian, refine: { decoder: 'dark', kernelSize: 4e8 + 1 } }],
    ['CPN with a kernel of 1e8 + 1', { codec: 'cpn', ...sizes, kernels: [1e8 + 1], peak: 255, refine: argmax }],
    ['CPN with a million levels', { codec: 'cpn', ...sizes, kernels: new Array(1e6).fill(7), peak: 255, refine: argmax }], // prettier-ignore
    ['a second maximum with a frame of 1e9', { ...gaussian, refine: { decoder: 'second-maximum', kernelSize: 21, padding: 1e9, shift: 0.25, peak: 255 } }], // prettier-ignore
    ['offsets with a kernel of 1e9 + 1', { codec: 'offset', ...sizes, radius: 3.5, align: 'centers', kernelSize: 1e9 + 1 }], // prettier-ignore
    ['a map of 1e9 cells', { ...gaussian, heatmapSize: [1e9, 1], refine: argmax }],
    ['SimCC with 1e9 bins a pixel', { codec: 'simcc', inputSize: [192, 256], split: 1e9, sigma: [6, 6], normalize: false }], // prettier-ignore
    ['a size that is nested 100,000 deep', { ...gaussian, inputSize: nested, refine: argmax }],
    ['a size that is absent', { codec: 'coordinate' }],
    ['a size that is text', { codec: 'disk-offset', inputSize: 'x'.repeat(1e6), radius: 25, order: 'planar' }],
    ['no decoder', gaussian],
    ['an unknown codec of a megabyte', { codec: 'x'.repeat(1e6) }],
    ['an unknown codec, nested', { codec: nested }],
  ])('%s', (_, json) => {
    let message = '';
    try {
      codecFromJSON(json as never);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      message = (error as Error).message;
    }
    expect(message).toMatch(/: .*must.*Received: /);
    expect(message.length).toBeLessThan(400);
  });

  it('draws a very wide Gaussian without a patch of its size', () => {
    const json = { ...gaussian, inputSize: [8192, 8], heatmapSize: [8192, 8], sigma: 1e6, refine: argmax };
    const codec = codecFromJSON(json as never);
    const target = codec.encode({ frame: 'input', xy: Float32Array.of(4096, 4), score: Float32Array.of(2) });
    expect(target).toMatchObject({ shape: [8, 8192, 1] });
  });
});
