import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsup';

/** Every `index.ts` under `src` is a room's public face, hence a subpath export; every `*.worker.ts` is loaded by URL. */
const entry = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|\/)index\.ts$|\.worker\.ts$/.test(file))
  .map((file) => join('src', file));

export default defineConfig({
  entry,
  outDir: 'dist',
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/, /^@tensorflow\//, 'sharp', 'webgpu', /^onnxruntime-/],
  splitting: true,
  treeshake: true,
  clean: true,
  shims: true,
  sourcemap: true,
  tsconfig: 'tsconfig.build.json',
  dts: true,
});
