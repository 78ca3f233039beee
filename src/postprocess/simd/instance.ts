import { fromBase64 } from '../../bytes';

/** The exports of a WebAssembly module in base64; false where the host has no SIMD or forbids compilation. */
export function instance<Exports>(bytes: string, memory?: WebAssembly.Memory): Exports | false {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(fromBase64(bytes)), {
      env: { memory },
    } as WebAssembly.Imports).exports as unknown as Exports;
  } catch {
    return false;
  }
}
