import type * as nodeModule from 'node:module';
import type * as path from 'node:path';
import { importNode } from '../environment';

/** The files of tfjs-backend-wasm, which uses one of them: without SIMD, with it, with threads. */
type WasmFile = 'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';

/** URLs or paths of the files. */
export type WasmFiles = Readonly<Record<WasmFile, string>>;

const FOLDER = '@tensorflow/tfjs-backend-wasm/dist/';

/** The files in one folder, with or without a trailing slash. */
export function wasmFilesIn(folder: string): WasmFiles {
  const prefix = /[\\/]$/.test(folder) || folder === '' ? folder : `${folder}/`;
  return files((name) => prefix + name);
}

/**
 * The files that a bundler has copied. webpack, Vite and similar bundlers copy the targets of literal `new URL(…, import.meta.url)` expressions. Undefined where
 * none was copied; tfjs-backend-wasm then looks beside the script.
 */
export function bundledWasmFiles(): WasmFiles | undefined {
  const found: WasmFiles = {
    'tfjs-backend-wasm.wasm': new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm', import.meta.url)
      .href,
    'tfjs-backend-wasm-simd.wasm': new URL(
      '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
      import.meta.url,
    ).href,
    'tfjs-backend-wasm-threaded-simd.wasm': new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm', import.meta.url).href, // prettier-ignore
  };
  const simd = found['tfjs-backend-wasm-simd.wasm'];
  if (!simd.endsWith(`/${FOLDER}tfjs-backend-wasm-simd.wasm`)) return found;
  // Not copied: the page is served unbundled with its node_modules (as by Vite's development server), or the URL is useless.
  const root = simd.lastIndexOf('/node_modules/');
  return root < 0 ? undefined : wasmFilesIn(`${simd.slice(0, root)}/node_modules/${FOLDER}`);
}

/** In Node: the files of the installed package, which a bundled program does not have beside it. */
export async function installedWasmFiles(): Promise<WasmFiles | undefined> {
  const { dirname, sep } = await importNode<typeof path>('node:path');
  try {
    return wasmFilesIn(dirname(await resolveInstalled(`${FOLDER}tfjs-backend-wasm.wasm`)) + sep);
  } catch {
    return undefined; // the files are beside the script, or an error explains where to put them
  }
}

/** The path of a file of an installed package, resolved from here or, in a bundled program, from the program and its working directory. */
export async function resolveInstalled(specifier: string): Promise<string> {
  const { createRequire } = await importNode<typeof nodeModule>('node:module');
  // In a CommonJS bundle, this module has no URL.
  const bases = [import.meta.url as string | undefined, process.argv[1], `${process.cwd()}/`].filter(
    (base) => !!base,
  ) as string[];
  let failure: unknown;
  for (const base of bases) {
    try {
      return createRequire(base).resolve(specifier);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function files(address: (name: WasmFile) => string): WasmFiles {
  return {
    'tfjs-backend-wasm.wasm': address('tfjs-backend-wasm.wasm'),
    'tfjs-backend-wasm-simd.wasm': address('tfjs-backend-wasm-simd.wasm'),
    'tfjs-backend-wasm-threaded-simd.wasm': address('tfjs-backend-wasm-threaded-simd.wasm'),
  };
}
