import { readZip } from '../../../src/bytes';

/** The arrays of an `.npz` file of numpy that are of whole numbers, by name. */
export function readNpz(bytes: Uint8Array): ReadonlyMap<string, Uint8Array | Uint16Array> {
  const arrays = new Map<string, Uint8Array | Uint16Array>();
  for (const [name, file] of readZip(bytes, 'readNpz')) {
    if (!/^(about|cells:\d+)\.npy$/.test(name)) continue;
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const from = 10 + view.getUint16(8, true);
    const header = new TextDecoder().decode(file.subarray(10, from));
    const body = file.slice(from);
    const array = header.includes("'<u2'") ? new Uint16Array(body.buffer) : body;
    arrays.set(name.replace(/\.npy$/, ''), array);
  }
  return arrays;
}
