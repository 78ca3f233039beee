import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineConfig, type Options } from 'tsup';

/** Every `index.ts` under `src` is a room's public face, hence a subpath export; every `*.worker.ts` is loaded by URL. */
const entry = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|\/)index\.ts$|\.worker\.ts$/.test(file) && !file.startsWith('cli'))
  .map((file) => join('src', file));

/** The entries by name, of sources or of their declarations. */
const named = (from: string, extension: string): Record<string, string> =>
  Object.fromEntries(
    entry.map((file) => {
      const name = relative('src', file).replace(/\.ts$/, '');
      return [name, join(from, `${name}${extension}`)];
    }),
  );

/**
 * The declarations that TypeScript emits for each source, which tsup bundles by entry: a quarter of the time that it takes to make them from the sources itself.
 */
const declarations = '.declarations';
rmSync(declarations, { recursive: true, force: true });
const emit = ['-p', 'tsconfig.build.json', '--noEmit', 'false', '--emitDeclarationOnly', '--outDir', declarations];
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...emit], { stdio: 'inherit' });

/**
 * What is bundled with us, in files of their own: such packages do work when they are loaded, and a bundler that finds them in a file beside a small
 * function of ours keeps them for it.
 */
const bundled = { fflate: 'node_modules/fflate/esm/browser.js' };

const common: Options = {
  outDir: 'dist',
  target: 'es2022',
  external: [/^node:/, /^@tensorflow\//, 'sharp', 'webgpu', /^onnxruntime-/],
  splitting: true,
  treeshake: true,
  sourcemap: false, // they doubled the package, and repeat the sources
  tsconfig: 'tsconfig.build.json',
};

/** The commands import the library's files beside them; with a copy of their own they were a fifth of the package. */
const libraryBeside: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'library-beside',
  setup(build) {
    build.onResolve({ filter: /^\.\.\/\w/ }, ({ path, importer }) =>
      /[\\/]src[\\/]cli[\\/][^\\/]+$/.test(importer) ? { path: `${path}/index.js`, external: true } : undefined,
    );
  },
};

export default defineConfig([
  {
    ...common,
    entry: { ...named('src', '.ts'), ...bundled },
    format: ['esm', 'cjs'],
    // Whoever reads the build reads the ES modules.
    esbuildOptions: (options, { format }) => {
      options.minifyWhitespace = format === 'cjs';
    },
    platform: 'neutral',
    clean: true,
    shims: true,
    dts: { entry: named(declarations, '.d.ts') },
    // What a hand-over copies into its folder.
    onSuccess: async () =>
      cpSync('src/handover/python', 'dist/handover/python', {
        recursive: true,
        filter: (path) => !path.includes('__pycache__'),
      }),
  },
  {
    ...common,
    outDir: 'dist/cli',
    entry: { bin: 'src/cli/bin.ts' },
    esbuildPlugins: [libraryBeside],
    format: 'esm',
    platform: 'node',
    treeshake: false,
    // The progress bar is bundled, and asks for Node's own modules as CommonJS does.
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
  },
]);
