/**
 * Convolutions of 3 × 3 at stride 1 and their gradients in Winograd's form, beside the direct form, kernel by kernel on one thread:
 *
 *     npx tsx bench/engines/winograd.ts [relaxed|plain] [BATCH] [CASES, as 64x48x32,8x6x256]
 *
 * GFLOP/s counted as of the direct form, the best of interleaved runs; errors of the forward pass against float64, root mean square and worst
 * of 2,000 outputs, in units of the outputs' deviation. Rows go to bench/results/winograd.csv.
 */
import { moduleBytes } from '../../src/engines/wasm/simd/variants';
import type { SimdExports } from '../../src/engines/wasm/simd/simd-exports';
import { record } from '../measure';

const [simd = 'relaxed', batchText = '1', only] = process.argv.slice(2) as ['relaxed' | 'plain', string, string];
const batch = Number(batchText);
const CASES = '64x64x32,64x64x64,64x64x128,32x32x128,16x16x256,64x48x32,32x24x64,16x12x128,8x6x256,4x4x256,16x12x512';

const memory = new WebAssembly.Memory({ initial: 8192 });
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(simd, false)), { env: { memory } });
const kernels = exports as unknown as SimdExports;
let end = 0;
const allocate = (bytes: number): number =>
  (end = 64 * Math.ceil((end + bytes) / 64) + 64) - 64 * Math.ceil(bytes / 64);
const floats = (at: number, count: number): Float32Array => new Float32Array(memory.buffer, at, count);

let state = 7;
const draw = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const filled = (count: number): number => {
  const at = allocate(4 * count);
  const values = floats(at, count);
  for (let i = 0; i < count; i++) values[i] = draw();
  return at;
};

/** The best seconds of each, run in turns for a while. */
function race(runs: Readonly<Record<string, () => void>>, ms = 400): Record<string, number> {
  const best: Record<string, number> = {};
  const stop = performance.now() + ms * Object.keys(runs).length;
  while (performance.now() < stop) {
    for (const [name, run] of Object.entries(runs)) {
      const start = performance.now();
      run();
      best[name] = Math.min(best[name] ?? Infinity, (performance.now() - start) / 1000);
    }
  }
  return best;
}

const blockOf = (m: number, channels: number): number =>
  Math.max(6, 6 * Math.floor((384 * 1024) / (4 * (m + 2) ** 2 * channels) / 6));

for (const name of (only ?? CASES).split(',')) {
  end = 1024;
  const [h, w, c] = name.split('x').map(Number) as [number, number, number];
  const pixels = batch * h * w;
  const [x, dy, filter, y, z, dw, dx] = [
    pixels * c,
    pixels * c,
    9 * c * c,
    pixels * c,
    pixels * c,
    9 * c * c,
    pixels * c,
  ].map(filled) as [number, number, number, number, number, number, number];
  const geometry = allocate(64);
  new Int32Array(memory.buffer, geometry, 15).set([batch, h, w, c, h, w, c, 3, 3, 1, 1, 1, 1, 1, 1]);
  const packed = allocate(36 * c * c);
  kernels.packFilter(filter, packed, 9 * c, c);
  const filters = { 2: allocate(16 * (4 * c * c + 64)), 4: allocate(36 * (4 * c * c + 64)) };
  const scratch = allocate(96 << 20);
  const transform = (m: 2 | 4) => (): void =>
    void kernels.winogradFilter(filter, 4 * c * c, 4 * c, 4, 0, filters[m], m, c, c, scratch, 0, 1);
  transform(2)();
  transform(4)();
  const winograd = (m: 2 | 4) => (): void =>
    void kernels.winogradConvolution(x, filters[m], z, geometry, m, blockOf(m, 2 * c), 0, 0, 0, 0, scratch, 0, 0, 1);
  const direct = (): void => void kernels.convolution(x, filter, y, geometry, 0, 0, scratch, 0, 0, 1);
  /** Against the direct form's, relative to it as a whole. */
  const gradientError = (): string => {
    filterGradient();
    const found = floats(dw, 9 * c * c).slice();
    kernels.convolutionFilterGradient(x, dy, dw, geometry, 0, scratch, 0, 0, 1);
    const wanted = floats(dw, 9 * c * c);
    let [squares, power] = [0, 0];
    wanted.forEach((value, i) => {
      squares += (found[i]! - value) ** 2;
      power += value * value;
    });
    return Math.sqrt(squares / power).toExponential(1);
  };
  const filterGradient = (): void =>
    void kernels.winogradFilterGradient(x, dy, dw, geometry, 0, Math.max(24, blockOf(4, 2 * c)), scratch, 0, 0, 1);
  const errors = (at: number): string => {
    const [xs, ws, found] = [floats(x, pixels * c), floats(filter, 9 * c * c), floats(at, pixels * c)];
    let [squares, worst, power] = [0, 0, 0];
    for (let i = 0; i < 2000; i++) {
      const id = (i * 7919 * 31) % (h * w * c);
      const [o, column, row] = [id % c, Math.floor(id / c) % w, Math.floor(id / c / w)];
      let sum = 0;
      for (let tap = 0; tap < 9; tap++) {
        const [p, q] = [row + Math.floor(tap / 3) - 1, column + (tap % 3) - 1];
        if (p < 0 || q < 0 || p >= h || q >= w) continue;
        for (let k = 0; k < c; k++) sum += xs[(p * w + q) * c + k]! * ws[(tap * c + k) * c + o]!;
      }
      squares += (found[id]! - sum) ** 2;
      worst = Math.max(worst, Math.abs(found[id]! - sum));
      power += sum * sum;
    }
    const deviation = Math.sqrt(power / 2000);
    return `${(Math.sqrt(squares / 2000) / deviation).toExponential(1)}/${(worst / deviation).toExponential(1)}`;
  };
  direct();
  const error: Record<string, string> = { direct: errors(y) };
  winograd(2)();
  error['2x2'] = errors(z);
  winograd(4)();
  error['4x4'] = errors(z);
  error['filter gradient 4x4'] = gradientError();
  const best = race({
    direct,
    '2x2': winograd(2),
    '4x4': winograd(4),
    'filter 2x2': transform(2),
    'filter 4x4': transform(4),
    'filter gradient direct': () => void kernels.convolutionFilterGradient(x, dy, dw, geometry, 0, scratch, 0, 0, 1),
    'filter gradient 4x4': filterGradient,
    'input gradient direct': () => void kernels.convolutionInputGradient(dy, filter, dx, geometry, scratch, 0, 0, 1),
  });
  const work = 18 * pixels * c * c;
  const rows = Object.entries(best).map(([form, seconds]) => ({
    simd,
    batch,
    map: name,
    form,
    ms: (1000 * seconds).toFixed(3),
    gflops: form.startsWith('filter 2') || form.startsWith('filter 4') ? '' : (work / seconds / 1e9).toFixed(1),
    error: error[form] ?? '',
  }));
  console.log(name, rows.map(({ form, gflops, ms, error }) => `${form} ${gflops || `${ms} ms`} ${error}`).join(', '));
  if (process.env['RECORD']) record('winograd', rows);
}
