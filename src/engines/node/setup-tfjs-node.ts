import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Options of {@link setupTfjsNode}. */
export interface TfjsNodeSetup {
  /** The project whose `node_modules` contains tfjs-node. @defaultValue the current folder */
  readonly project?: string;
  /** Package of tfjs-node. @defaultValue `'@tensorflow/tfjs-node'` */
  readonly package?: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';
  /** Argument of pip install: a requirement, or the path of a wheel. @defaultValue 'tensorflow-cpu', or 'tensorflow[and-cuda]' for tfjs-node-gpu */
  readonly wheel?: string;
  /** An unpacked TensorFlow (the folder `tensorflow` of a Python installation), used in place of a wheel. */
  readonly tensorflow?: string;
  /** Python interpreter. @defaultValue the environment variable PYTHON, or 'python3' */
  readonly python?: string;
  /** C++ compiler. @defaultValue the environment variable CXX, or 'c++' */
  readonly compiler?: string;
  /** Receives a description of each step. */
  readonly onProgress?: (message: string) => void;
}

/** What {@link setupTfjsNode} built: the paths of the addon and of TensorFlow. */
export interface TfjsNodeReport {
  readonly addon: string;
  readonly tensorflow: string;
  /** TensorFlow's version, as reported by the working addon. */
  readonly version: string;
}

/**
 * Sets up tfjs-node where its own installer fails: builds the two C++ files of its `binding/` against the TensorFlow
 * in a Python wheel, which contains headers and libraries, and runs the result. Node-API needs no node-gyp.
 * Linux and macOS, with Python's pip and a C++17 compiler.
 *
 * @throws Error naming the failed step with its output; the package's previous addon is then still in place.
 *
 * @example
 * // npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0 node-api-headers
 * const { version } = await setupTfjsNode();
 * await useEngine('tfjs-node');
 */
export async function setupTfjsNode(options: TfjsNodeSetup = {}): Promise<TfjsNodeReport> {
  if (process.platform === 'win32')
    throw new Error('setupTfjsNode: Windows is not supported. Use WSL, WebGPU or wasm.');
  const { onProgress = () => {} } = options;
  const name = options.package ?? '@tensorflow/tfjs-node';
  const require = createRequire(resolve(options.project ?? '.', 'package.json'));
  const folder = packageFolder(require, name);
  const headers = nodeApiHeaders(require);
  const tensorflow = options.tensorflow ? resolve(options.tensorflow) : await fetchTensorflow(folder, name, options);
  checkTensorflow(tensorflow);
  onProgress(`building ${name}'s binding against ${tensorflow}`);
  const addon = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  const built = `${addon}.new`;
  await mkdir(dirname(addon), { recursive: true });
  try {
    await compile({ folder, headers, tensorflow, output: built, compiler: options.compiler });
    onProgress('running the addon');
    const version = await tryAddon(built);
    await rename(built, addon);
    return { addon, tensorflow, version };
  } finally {
    await rm(built, { force: true });
  }
}

function packageFolder(require: NodeJS.Require, name: string): string {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (cause) {
    throw new Error(
      `setupTfjsNode: ${name} is not installed. Run: npm install --ignore-scripts ${name}@4.22.0 node-api-headers`,
      { cause },
    );
  }
}

/** Node-API's headers: those of the running Node, where its installation has them, or of the package `node-api-headers`. */
function nodeApiHeaders(require: NodeJS.Require): string {
  const own = resolve(dirname(process.execPath), '../include/node');
  if (existsSync(join(own, 'node_api.h'))) return own;
  try {
    return join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  } catch (cause) {
    throw new Error('setupTfjsNode: this Node has no headers. Run: npm install --save-dev node-api-headers', {
      cause,
    });
  }
}

async function fetchTensorflow(folder: string, name: string, options: TfjsNodeSetup): Promise<string> {
  const cuda = name.endsWith('-gpu');
  const wheel = options.wheel ?? (cuda ? 'tensorflow[and-cuda]' : 'tensorflow-cpu');
  const target = join(folder, 'deps', 'python');
  options.onProgress?.(`installing ${wheel} into ${target}`);
  await rm(target, { recursive: true, force: true });
  // The CUDA libraries are packages that TensorFlow depends on, and finds beside itself; without CUDA it needs none of them.
  const dependencies = cuda ? [] : ['--no-deps'];
  const python = options.python ?? process.env['PYTHON'] ?? 'python3';
  const args = ['-m', 'pip', 'install', '--no-compile', ...dependencies, '--target', target, wheel];
  await step('pip', python, args).catch(async (error: unknown) => {
    await rm(target, { recursive: true, force: true });
    throw error;
  });
  return join(target, 'tensorflow');
}

function checkTensorflow(tensorflow: string): void {
  for (const file of [
    'include/tensorflow/c/eager/c_api.h',
    library('tensorflow_cc'),
    library('tensorflow_framework'),
  ]) {
    if (existsSync(join(tensorflow, file))) continue;
    throw new Error(
      `setupTfjsNode: the folder must hold an unpacked TensorFlow 2. Received: ${tensorflow}, which lacks ${file}.`,
    );
  }
}

function library(name: string): string {
  return process.platform === 'darwin' ? `lib${name}.2.dylib` : `lib${name}.so.2`;
}

interface Compilation {
  readonly folder: string;
  readonly headers: string;
  readonly tensorflow: string;
  readonly output: string;
  readonly compiler: string | undefined;
}

async function compile({ folder, headers, tensorflow, output, compiler }: Compilation): Promise<void> {
  const origin = process.platform === 'darwin' ? '@loader_path' : '$ORIGIN';
  const nodeSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  await step('the C++ compiler', compiler ?? process.env['CXX'] ?? 'c++', [
    ...['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
    ...['-I', join(tensorflow, 'include'), '-I', headers],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(folder, 'binding', file)),
    ...['tensorflow_cc', 'tensorflow_framework'].map((name) => join(tensorflow, library(name))),
    ...nodeSymbols,
    `-Wl,-rpath,${origin}/${relative(dirname(output), tensorflow)}`,
    ...['-o', output],
  ]);
}

/** Loads the addon in a separate process, since a broken addon may crash it. Returns TensorFlow's version. */
async function tryAddon(addon: string): Promise<string> {
  const script = 'const m = { exports: {} }; process.dlopen(m, process.argv[1]); console.log(m.exports.TF_Version)';
  const { stdout } = await step('the addon', process.execPath, ['-e', script, addon]);
  return stdout.trim();
}

async function step(what: string, command: string, args: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await run(command, args, { maxBuffer: 2 ** 26 });
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    const printed = (stderr || message).trim().split('\n').slice(-15).join('\n');
    throw new Error(`setupTfjsNode: ${what} failed (${command} ${args.join(' ')}):\n${printed}`, { cause });
  }
}
