import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite, createLogger } from 'vite';
import webpack from 'webpack';

/**
 * One entry of `folder` built into `out` by each bundler as it comes: no configuration but where it reads and writes, for what, and (rollup) the two plugins without which
 * it knows no packages. Each returns what it warned of.
 *
 * @typedef {{ folder: string, entry: string, out: string, format?: 'esm' | 'cjs', external?: boolean }} Job
 */

/** @param {Job} job @param {'browser' | 'node'} platform */
export async function withEsbuild({ folder, entry, out, format = 'esm', external = false }, platform) {
  const { warnings } = await esbuild({
    absWorkingDir: folder,
    entryPoints: [entry],
    outdir: out,
    bundle: true,
    platform,
    format,
    outExtension: { '.js': format === 'cjs' ? '.cjs' : platform === 'node' ? '.mjs' : '.js' },
    ...(external && { packages: 'external' }),
    logLevel: 'silent',
  });
  return warnings.map(({ text, location }) => `${location?.file}: ${text}`);
}

/** @param {Job} job @param {'browser' | 'node'} platform */
export async function withRollup({ folder, entry, out, format = 'esm', external = false }, platform) {
  const warnings = [];
  const bundle = await rollup({
    input: join(folder, entry),
    ...(external && { external: /^[^./]/ }),
    plugins: [resolve({ browser: platform === 'browser' }), commonjs()],
    onwarn: ({ message }) => warnings.push(message),
  });
  const extension = format === 'cjs' ? 'cjs' : platform === 'node' ? 'mjs' : 'js';
  await bundle.write({
    dir: out,
    format,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name]-[hash].${extension}`,
  });
  await bundle.close();
  return warnings;
}

/** @param {Job} job @param {'web' | 'node'} target */
export async function withWebpack({ folder, entry, out, format = 'esm' }, target) {
  const stats = await new Promise((done, fail) => {
    const filename = `[name].${format === 'cjs' ? 'cjs' : 'js'}`;
    const options = {
      context: folder,
      entry: { [entry.replace(/\.js$/, '')]: `./${entry}` },
      target,
      mode: 'production',
      output: { path: out, filename },
    };
    const compiler = webpack(options, (error, result) => (error ? fail(error) : compiler.close(() => done(result))));
  });
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  if (errors.length > 0)
    throw new Error(errors.map(({ moduleName, message }) => `${moduleName}: ${message}`).join('\n'));
  return warnings.map(({ moduleName = '', message }) => `${moduleName} ${message}`);
}

/** A page, by its index.html. @param {Job} job */
export async function withVite({ folder, out }) {
  const warnings = [];
  const customLogger = createLogger('silent');
  customLogger.warn = (message) => warnings.push(message);
  customLogger.error = (message) => warnings.push(message);
  await vite({ root: folder, configFile: false, customLogger, build: { outDir: out, emptyOutDir: true } });
  return warnings;
}

/** Warnings of the bundlers that are no fault of ours: about size, and of tfjs' own files. */
const NOT_OURS = [
  /asset size limit|entrypoint size limit|webpack performance recommendations|chunks are larger than/,
  /tfjs-layers\S* \(\d+:\d+\): The 'this' keyword is equivalent to 'undefined'/,
];

/** What is left of warnings without those. */
export function ours(warnings) {
  return warnings.filter((warning) => !NOT_OURS.some((pattern) => pattern.test(warning)));
}
