import { toFloat16, writeZip } from '../../bytes';
import type { StateDict } from '../state-dict';
import { pickleTensors, type PickledTensor } from './pickle-tensors';

/** Options of {@link writePth}. */
export interface WritePthOptions {
  /** Type of the stored numbers. @defaultValue 'float32' */
  readonly dtype?: 'float32' | 'float16';
}

/**
 * A state dict as a `.pth` file, which `torch.load(path, weights_only=True)` opens: the archive that `torch.save` writes since PyTorch 1.6. {@link readPth}
 * reads it back.
 *
 * @param tensors by their names in PyTorch, in its layout
 * @throws RangeError when the length of a tensor differs from its shape, or a value is too large for float16.
 * @example await writeFile('lpn-50.pth', writePth(await stateDict(network)))
 */
export function writePth(tensors: StateDict, { dtype = 'float32' }: WritePthOptions = {}): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  const entries: Record<string, PickledTensor> = {};
  for (const [i, [name, { shape, data }]] of Object.entries(tensors).entries()) {
    const count = shape.reduce((a, b) => a * b, 1);
    if (data.length !== count)
      throw new RangeError(`writePth: ${name} must hold ${count} numbers, of shape [${shape.join(', ')}]. Received: ${data.length}.`); // prettier-ignore
    const large = dtype === 'float16' ? data.find((value) => Math.abs(value) >= 65520) : undefined;
    if (large !== undefined)
      throw new RangeError(`writePth: ${name} must be below 65,520 to be stored as float16. Received: ${large}. Write it as float32.`); // prettier-ignore
    const numbers = dtype === 'float16' ? toFloat16(data) : data;
    files[`archive/data/${i}`] = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    entries[name] = { key: String(i), shape, storage: dtype === 'float16' ? 'HalfStorage' : 'FloatStorage' };
  }
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  return writeZip({
    'archive/data.pkl': pickleTensors(entries),
    'archive/byteorder': text('little'),
    ...files,
    'archive/version': text('3\n'),
  });
}
