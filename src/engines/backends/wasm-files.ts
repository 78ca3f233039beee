import type * as nodeModule from 'node:module';
import type * as path from 'node:path';
import { importNode } from '../environment';

/** tfjs-backend-wasm takes one of the three: without SIMD, with it, with threads. */
type WasmFile = 'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';

/** Their addresses. */
export type WasmFiles = Readonly<Record<WasmFile, string>>;

const FOLDER = '@tensorflow/tfjs-backend-wasm/dist/';

/** The files in one folder, whose name may lack its last slash. */
export function wasmFilesIn(folder: string): WasmFiles {
  const prefix = /[\\/]$/.test(folder) || folder === '' ? folder : `${folder}/`;
  return files((name) => prefix + name);
}

/**
 * Where a bundler has put the files. webpack, Vite and their like copy what `new URL(…, import.meta.url)` names, if it is written out so; undefined where
 * none did, and tfjs-backend-wasm looks beside the script.
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
  // Not copied: of a page that is served as it lies, with its node_modules (Vite's development server does), or of no use.
  const root = simd.lastIndexOf('/node_modules/');
  return root < 0 ? undefined : wasmFilesIn(`${simd.slice(0, root)}/node_modules/${FOLDER}`);
}

/** In Node: those of the installed package, which a program in one file does not have beside it. */
export async function installedWasmFiles(): Promise<WasmFiles | undefined> {
  const { dirname, sep } = await importNode<typeof path>('node:path');
  try {
    return wasmFilesIn(dirname(await resolveInstalled(`${FOLDER}tfjs-backend-wasm.wasm`)) + sep);
  } catch {
    return undefined; // then they are beside the script, or an error says where to put them
  }
}

/** The path of a file of an installed package, seen from here or, bundled into a program, from that and from its working folder. */
export async function resolveInstalled(specifier: string): Promise<string> {
  const { createRequire } = await importNode<typeof nodeModule>('node:module');
  // Bundled as CommonJS, there is no address of this module.
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
