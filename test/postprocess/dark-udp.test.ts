import { darkDecoder, darkUdp, darkUdpDecoder, decoderFromJSON } from 'poseblocks/postprocess';
import { describe, expect, it } from 'vitest';

const [width, height] = [48, 64];
const gaussian = (cx: number, cy: number, sigma = 2, peak = 1): Float32Array =>
  Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return peak * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma ** 2));
  });
const decode = (map: Float32Array, decoder = darkUdp): [number, number] => {
  const { xy } = decoder({ heatmaps: map, shape: [height, width, 1] });
  return [xy[0]!, xy[1]!];
};

/** `refine_keypoints_dark_udp`, from its definition, without the blur (a kernel of one tap is none). */
function byDefinition(map: Float32Array): [number, number] {
  const peak = map.indexOf(map.reduce((a, b) => Math.max(a, b)));
  const [px, py] = [peak % width, Math.floor(peak / width)];
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  const f = (x: number, y: number): number =>
    Math.log(clamp(map[clamp(py + y, height - 1) * width + clamp(px + x, width - 1)]! - 1e-3, 50 - 1e-3) + 1e-3);
  const gradient = [(f(1, 0) - f(-1, 0)) / 2, (f(0, 1) - f(0, -1)) / 2] as const;
  const eps = 2 ** -23;
  const a = f(1, 0) - 2 * f(0, 0) + f(-1, 0) + eps;
  const d = f(0, 1) - 2 * f(0, 0) + f(0, -1) + eps;
  const b = (f(1, 1) - f(1, 0) - f(0, 1) + 2 * f(0, 0) - f(-1, 0) - f(0, -1) + f(-1, -1)) / 2;
  const det = a * d - b * b;
  return [px - (d * gradient[0] - b * gradient[1]) / det, py - (a * gradient[1] - b * gradient[0]) / det];
}

describe('DARK as UDP has it', () => {
  it.each([[20, 30], [20.3, 30.4], [11.77, 50.12], [30.5, 8.25]])('finds a Gaussian at %d, %d', (cx, cy) => {
    const [x, y] = decode(gaussian(cx, cy));
    expect(Math.abs(x - cx)).toBeLessThan(5e-3);
    expect(Math.abs(y - cy)).toBeLessThan(5e-3);
  }); // prettier-ignore

  it('is its definition', () => {
    const map = gaussian(17.2, 22.6).map((value, i) => value + 0.4 * gaussian(19.1, 20.9, 1.5)[i]!);
    const [x, y] = decode(map, darkUdpDecoder({ kernelSize: 1 }));
    const [ex, ey] = byDefinition(map);
    expect(Math.abs(x - ex)).toBeLessThan(1e-4);
    expect(Math.abs(y - ey)).toBeLessThan(1e-4);
  });

  it('refines at the border, where DARK does not, and stays within a cell of the map', () => {
    const map = gaussian(0.4, 30.2);
    expect(decode(map, darkDecoder())[0]).toBe(0);
    expect(decode(map)[0]).not.toBe(0);
    const [x, y] = decode(gaussian(-3, -3, 2, 100));
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(-1);
  });

  it('leaves maps without a positive value, and survives NaN', () => {
    expect(decode(new Float32Array(width * height))).toEqual([0, 0]);
    expect(decode(new Float32Array(width * height).fill(1)).every(Number.isFinite)).toBe(true);
    const holed = gaussian(20.3, 30.4).map((value, i) => (i % 97 === 0 ? NaN : value));
    expect(decode(holed).every(Number.isFinite)).toBe(true);
  });

  it('is kept as JSON', () => {
    const json = JSON.parse(JSON.stringify(darkUdpDecoder({ kernelSize: 17 }))) as ReturnType<NonNullable<typeof darkUdp.toJSON>>;
    expect(json).toEqual({ decoder: 'dark-udp', kernelSize: 17 });
    expect(decode(gaussian(20.3, 30.4), decoderFromJSON(json))).toEqual(decode(gaussian(20.3, 30.4), darkUdpDecoder({ kernelSize: 17 })));
  }); // prettier-ignore
});
