import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Folders of the packages whose wasm files a page may ask for. */
const FOLDERS: Readonly<Record<string, string>> = {
  wasm: resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist'),
  ort: resolve('node_modules/onnxruntime-web/dist'),
};

/**
 * Our library and a page's own code in one script, as a user's bundler makes it.
 *
 * @param instead files that the entry gets in place of what it imports by these names.
 */
export async function bundleForBrowser(entry: string, instead: Readonly<Record<string, string>> = {}): Promise<string> {
  const observe: Plugin = {
    name: 'instead',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ path, importer }) =>
        importer === resolve(entry) && instead[path] ? { path: resolve(instead[path]) } : undefined,
      );
    },
  };
  const { outputFiles } = await build({
    plugins: [observe],
    entryPoints: [resolve(entry)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    tsconfig: resolve('tsconfig.json'),
    logLevel: 'error',
    // Not for browsers, and never reached there.
    external: ['onnxruntime-node'],
  });
  return outputFiles[0]!.text;
}

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a page that runs the script, cross-origin isolated as threads need it, with TensorFlow.js's wasm files under /wasm/ and ONNX Runtime's under /ort/.
 *
 * @param files others, by the path that the page asks for: `/model.safetensors`.
 */
export async function servePage(script: string, files: Readonly<Record<string, string>> = {}): Promise<PageServer> {
  const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const send = (type: string, body: string | Buffer): void => {
      response.writeHead(200, {
        'content-type': type,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      });
      response.end(body);
    };
    if (path === '/') send('text/html', page);
    else if (path === '/page.js') send('text/javascript', script);
    else if (files[path]) {
      readFile(files[path]).then(
        (file) => send(path.endsWith('wasm') ? 'application/wasm' : 'application/octet-stream', file),
        () => response.writeHead(404).end(),
      );
    } else if (FOLDERS[path.split('/')[1]!]) {
      readFile(resolve(FOLDERS[path.split('/')[1]!]!, basename(path))).then(
        (file) => send(path.endsWith('js') ? 'text/javascript' : 'application/wasm', file),
        () => response.writeHead(404).end(),
      );
    } else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
