/** The exports of a WebAssembly module in base64; false where the host has no SIMD or forbids compilation. */
export function instance<Exports>(bytes: string, memory?: WebAssembly.Memory): Exports | false {
  try {
    const code = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
    return new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } } as WebAssembly.Imports)
      .exports as unknown as Exports;
  } catch {
    return false;
  }
}
