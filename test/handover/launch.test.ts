import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Ajv from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { trainingPython } from '../support/python';

const LAUNCH = resolve('src/handover/python/launch');
const folder = mkdtempSync(join(tmpdir(), 'poseblocks-launch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Resource {
  readonly kind: 'Job' | 'Service';
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

describe('kubernetes.yaml', () => {
  const [service, job] = parseAllDocuments(readFileSync(join(LAUNCH, 'kubernetes.yaml'), 'utf8')).map((document) => document.toJS() as Resource); // prettier-ignore
  // Kubernetes 1.34's OpenAPI schema of Job and Service (Apache-2.0), strict: fields that do not exist are errors. Without its descriptions.
  const schema = JSON.parse(readFileSync(resolve('test/fixtures/kubernetes.schema.json'), 'utf8')) as object;
  const ajv = new Ajv({ unknownFormats: 'ignore', allErrors: true }).addSchema(schema, 'kubernetes');
  const errors = (resource: object, kind: 'batch.v1.Job' | 'core.v1.Service'): string[] => {
    void ajv.validate(`kubernetes#/definitions/io.k8s.api.${kind}`, resource);
    return (ajv.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
  };

  it('is valid by the schema of Kubernetes, which refuses what is not', () => {
    expect(errors(service!, 'core.v1.Service')).toEqual([]);
    expect(errors(job!, 'batch.v1.Job')).toEqual([]);
    expect(errors({ ...job!, spec: { ...job!.spec, completions: 'eight' } }, 'batch.v1.Job').join()).toMatch(/integer/);
    expect(errors({ ...job!, spec: { ...job!.spec, completionMod: 'Indexed' } }, 'batch.v1.Job').join()).toMatch(/additional/); // prettier-ignore
  });

  it('maps the index of a pod to its rank, and names the first pod as the place to meet', () => {
    const { completionMode, completions, parallelism, template } = job!.spec as {
      completionMode: string;
      completions: number;
      parallelism: number;
      template: { spec: { subdomain: string; containers: { env: { name: string; value?: string; valueFrom?: object }[] }[] } }; // prettier-ignore
    };
    const { containers, subdomain } = template.spec;
    const env = Object.fromEntries(containers[0]!.env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
    const [port] = (service!.spec['ports'] as { port: number }[]).map((each) => each.port);
    expect([completionMode, parallelism]).toEqual(['Indexed', completions]);
    expect(subdomain).toBe(service!.metadata.name);
    expect(service!.spec['selector']).toEqual({ 'job-name': job!.metadata.name });
    expect(env).toEqual({
      RANK: { fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" } },
      WORLD_SIZE: `${completions}`,
      COORDINATOR: `${job!.metadata.name}-0.${subdomain}:${port}`,
      INITIALIZATION_TIMEOUT: '600',
    });
  });
});

describe.skipIf(process.platform === 'win32')('slurm.sh', () => {
  const program = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/bash\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it('gives each task its rank, their number and where they meet, and starts all again with another port', () => {
    program('scontrol', '[ "$1 $2" = "show hostnames" ] && printf "node1\\nnode2\\n"');
    // As srun runs a step: the command once for each task, an error where one fails.
    program('srun', '[ "$1" = --kill-on-bad-exit=1 ] || exit 9; shift; failed=0; for rank in 0 1 2 3; do SLURM_PROCID=$rank SLURM_NTASKS=4 "$@" || failed=1; done; exit $failed'); // prettier-ignore
    const ran = join(folder, 'ran');
    const python = program('python', `echo "$RANK of $WORLD_SIZE at $COORDINATOR in $INITIALIZATION_TIMEOUT s: $*" >> ${ran}; [ $(wc -l < ${ran}) -ne 2 ]`); // prettier-ignore
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, PYTHON: python, SLURM_JOB_ID: '1234', SLURM_JOB_NODELIST: 'node[1-2]', SLURM_SUBMIT_DIR: folder }; // prettier-ignore
    const { status, stderr } = spawnSync('bash', [join(LAUNCH, 'slurm.sh'), '--steps', '5'], { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, 'A process ended with an error; all start again (1 of 4).\n']);
    const lines = readFileSync(ran, 'utf8').trim().split('\n');
    const ports = lines.map((line) => Number(/at node1:(\d+) in 300 s: train\.py --steps 5$/.exec(line)?.[1]));
    expect(lines.map((line) => line.slice(0, 6))).toEqual([0, 1, 2, 3, 0, 1, 2, 3].map((rank) => `${rank} of 4`));
    expect(ports).toEqual([...Array<number>(4).fill(ports[0]!), ...Array<number>(4).fill(ports[4]!)]);
    expect(ports[0]).toBeGreaterThan(1024);
    expect(ports[4]).not.toBe(ports[0]);
  });

  const slurm = spawnSync('sinfo', [], { timeout: 20_000 }).status === 0;
  it.skipIf(!slurm)(`is accepted by sbatch --test-only${slurm ? '' : ': there is no SLURM here'}`, () => {
    const { status, stderr } = spawnSync('sbatch', ['--test-only', join(LAUNCH, 'slurm.sh')], { encoding: 'utf8' });
    // A cluster without two nodes of four accelerators has read the file, too, before it says so.
    if (/Requested node configuration is not available/.test(stderr)) return;
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^sbatch: Job \d+ to start at /)]);
  });
});

const python3 = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;
describe.skipIf(process.platform === 'win32' || !python3)('local.py', () => {
  /** A hand-over whose train.py notes its process and its rank, and then does as it is told. */
  const handover = (name: string, then: string): { path: string; noted: (rank: number) => string[][] } => {
    const out = join(folder, name);
    mkdirSync(join(out, 'launch'), { recursive: true });
    cpSync(join(LAUNCH, 'local.py'), join(out, 'launch/local.py'));
    const text = `
import os, sys, time
rank, world, place = (os.environ[key] for key in ("RANK", "WORLD_SIZE", "COORDINATOR"))
own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "noted-" + rank)
attempt = len(open(own).readlines()) if os.path.exists(own) else 0
with open(own, "a") as file:
    print(os.getpid(), world, place, *sys.argv[1:], file=file)
${then}`;
    writeFileSync(join(out, 'train.py'), text);
    const noted = (rank: number): string[][] => {
      const path = join(out, `noted-${rank}`);
      if (!existsSync(path)) return [];
      return readFileSync(path, 'utf8').split('\n').slice(0, -1).map((line) => line.split(' ')); // prettier-ignore
    };
    return { path: join(out, 'launch/local.py'), noted };
  };
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('gives each its rank and where they meet, ends all when one fails, and starts all again', () => {
    const { path, noted } = handover('fails', 'if attempt == 0: sys.exit(3) if rank == "1" else time.sleep(600)');
    const { status, stdout } = spawnSync('python3', [path, '--processes', '2', '--steps', '5'], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, 'A process ended with an error; all start again (1 of 3).\n']);
    const [first, second] = [noted(0), noted(1)];
    expect([first.length, second.length]).toEqual([2, 2]);
    expect(first.map(([, ...rest]) => rest)).toEqual(second.map(([, ...rest]) => rest)); // the same meeting
    for (const [pid, world, place, ...options] of [...first, ...second]) {
      expect(isAlive(Number(pid))).toBe(false);
      expect([world, ...options]).toEqual(['2', '--steps', '5']);
      expect(place).toMatch(/^127\.0\.0\.1:\d+$/);
    }
  });

  it('leaves no process behind when it is ended', async () => {
    const { path, noted } = handover('ended', 'time.sleep(600)');
    const launcher = spawn('python3', [path, '--processes', '2'], { stdio: 'ignore' });
    const ended = new Promise<number | null>((done) => void launcher.once('close', done));
    await expect.poll(() => [noted(0).length, noted(1).length], { timeout: 30_000 }).toEqual([1, 1]);
    launcher.kill('SIGTERM');
    expect(await ended).toBe(143);
    for (const rank of [0, 1]) expect(isAlive(Number(noted(rank)[0]![0]))).toBe(false);
  }, 60_000);
});

describe('ray_train.py', () => {
  const python = trainingPython();
  const runs = (code: string): boolean => spawnSync(python!, ['-c', code], { timeout: 120_000 }).status === 0;
  const ray = python !== undefined && runs('import ray.train.v2.jax');
  it.skipIf(!ray)(`makes a JaxTrainer with its own settings${ray ? '' : ': this Python has no ray[train]'}`, () => {
    const code = `
import json, sys
sys.path.insert(0, ${JSON.stringify(LAUNCH)})
import ray_train
made = ray_train.trainer(3, True, ["--steps", "5"])
print(json.dumps([type(made).__name__, made.scaling_config.num_workers, made.run_config.failure_config.max_failures, ray_train.FOLDER]))`;
    const output = execFileSync(python!, ['-c', code], { encoding: 'utf8' });
    expect(JSON.parse(output.trim().split('\n').at(-1)!)).toEqual(['JaxTrainer', 3, 4, resolve(LAUNCH, '..')]);
  });
});
