import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPython, trainingPython } from '../support/python';
import { HARNESS } from './harness';

const python = trainingPython()!;
const SCRIPTS = resolve('src/handover/python');

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });

// Deaths in the steps, in validation and in the writing of a checkpoint are in bench/handover/experiments.ts: they need minutes.
describe.skipIf(python === undefined)('processes.py', { timeout: 300_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'poseblocks-processes-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([0, 1])('ends rank %i when the other does not come, and says so', async (rank) => {
    const COORDINATOR = `127.0.0.1:${await freePort()}`;
    const env = { RANK: `${rank}`, WORLD_SIZE: '2', COORDINATOR, INITIALIZATION_TIMEOUT: '4' };
    const { code, errors } = await runPython(python, [join(SCRIPTS, 'train.py'), '--folder', folder], { env });
    expect(code).toBe(1);
    expect(errors).toContain(`all 2 processes must meet at ${COORDINATOR} within 4 s of their start. Received by rank ${rank}: not all.`); // prettier-ignore
  });

  it.each([0, 1])('ends the other soon when rank %i is killed once they have met', async (dies) => {
    const COORDINATOR = `127.0.0.1:${await freePort()}`;
    const env = { WORLD_SIZE: '2', COORDINATOR, INITIALIZATION_TIMEOUT: '200', HEARTBEAT_TIMEOUT: '8' };
    const killed = runPython(python, [HARNESS, SCRIPTS, 'die', 'connected'], { env: { ...env, RANK: `${dies}` } });
    let since = Infinity;
    const late = killed.then(({ signal }) => {
      expect(signal).toBe('SIGKILL');
      since = performance.now();
    });
    const other = await runPython(python, [join(SCRIPTS, 'train.py'), '--folder', folder], { env: { ...env, RANK: `${1 - dies}` } }); // prettier-ignore
    await late;
    expect(other.code).not.toBe(0);
    expect(other.errors).not.toContain('must meet at');
    expect(performance.now() - since).toBeLessThan(60_000);
  });
});
