import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const REQUIREMENTS = resolve('src/handover/python/requirements.txt');
const CACHE = join(tmpdir(), 'poseblocks-training');

function tryRun(command: string, args: readonly string[], seconds: number): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 1000 * seconds });
    return true;
  } catch {
    return false;
  }
}

const IMPORTS = 'import keras, jax, numpy';
const works = (python: string): boolean =>
  tryRun(python, ['-c', `import os; os.environ["KERAS_BACKEND"] = "jax"; ${IMPORTS}`], 60);

/**
 * A Python in which `train.py` runs: POSEBLOCKS_PYTHON, or `python3` if it has the requirements, or an environment with them that is made once where pip
 * can. Undefined where there is none; POSEBLOCKS_PYTHON=none asks for none.
 */
export function trainingPython(): string | undefined {
  const named = process.env['POSEBLOCKS_PYTHON'];
  if (named === 'none') return undefined;
  if (named !== undefined) return named;
  const version = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const folder = join(CACHE, `python-${version}`);
  const own = join(folder, 'bin/python');
  if (existsSync(own) && works(own)) return own;
  if (works('python3')) return 'python3';
  const isNew = 'import sys; sys.exit(sys.version_info < (3, 11))';
  if (!tryRun('python3', ['-c', isNew], 20)) return undefined;
  rmSync(folder, { recursive: true, force: true });
  const made =
    tryRun('python3', ['-m', 'venv', folder], 120) &&
    tryRun(own, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS], 300);
  if (made && works(own)) return own;
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

/** Says once why tests of Python are not run. */
export function sayNoPython(): void {
  process.stderr.write('not run: no Python with keras, jax and numpy (src/handover/python/requirements.txt)\n');
}

export interface Ended {
  readonly code: number | null;
  /** What ended it, where it did not end itself. */
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs Python to its end; compiled programs are kept between runs. */
export function runPython(
  python: string,
  args: readonly string[],
  { input, env = {}, seconds = 800 }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv; readonly seconds?: number } = {}, // prettier-ignore
): Promise<Ended> {
  const cache = { JAX_COMPILATION_CACHE_DIR: join(CACHE, 'jax'), JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS: '0.2' };
  const child = spawn(python, args, { env: { ...process.env, JAX_PLATFORMS: 'cpu', ...cache, ...env } });
  const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  child.stdin.end(input ?? '');
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, output, errors });
    });
  });
}

/** The JSON of the last line that it prints. @throws Error with what Python said when it fails. */
export async function pythonJson<T>(...call: Parameters<typeof runPython>): Promise<T> {
  const { code, output, errors } = await runPython(...call);
  if (code !== 0) throw new Error(`Python must end well. Received: ${code}.\n${output}\n${errors.slice(-4000)}`);
  return JSON.parse(output.trim().split('\n').at(-1)!) as T;
}
