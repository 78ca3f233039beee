import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disposeEngine, useEngine, type EngineName } from 'poseblocks/engines';
import { beforeAll, describe, it } from 'vitest';
import { offerSoftwareVulkan } from './software-vulkan';

/** The engines that Node can run; wasm and cpu are always there. */
const CANDIDATES = ['wasm', 'cpu', 'webgpu', 'tfjs-node'] as const satisfies readonly EngineName[];
export type NodeEngine = (typeof CANDIDATES)[number];

/**
 * The engines present in this process, and why the others are not. POSEBLOCKS_ENGINES=wasm,cpu leaves out the rest. WebGPU runs only where it is named
 * there: the gate gives it a step of its own, as a driver that fails takes its process with it.
 */
export const { present, absent } = await detectEngines();

/**
 * Runs a suite of tests once on every engine that is present, each time with that engine current. Engines that are absent
 * appear as one skipped test that says why, and are printed once a run.
 *
 * @param engines the engines to consider; default: all that Node can run.
 *
 * @example
 * describeEngines('globalContext', (engine) => {
 *   it('adds what it attends to', async () => { … });
 * });
 */
export function describeEngines(
  name: string,
  suite: (engine: NodeEngine) => void,
  engines: readonly NodeEngine[] = CANDIDATES,
): void {
  printOnce();
  for (const engine of engines) {
    describe(`${name} on ${engine}`, () => {
      const reason = absent.get(engine);
      if (reason !== undefined) {
        it.skip(`absent: ${reason}`, () => {});
        return;
      }
      beforeAll(() => useEngine(engine));
      suite(engine);
    });
  }
}

async function detectEngines(): Promise<{ present: readonly NodeEngine[]; absent: ReadonlyMap<NodeEngine, string> }> {
  const wanted = process.env['POSEBLOCKS_ENGINES']?.split(',');
  const absent = new Map<NodeEngine, string>();
  for (const engine of CANDIDATES) {
    if (wanted !== undefined && !wanted.includes(engine)) absent.set(engine, 'not in POSEBLOCKS_ENGINES');
    else if (wanted === undefined && engine === 'webgpu')
      absent.set(engine, 'runs in a step of its own: POSEBLOCKS_ENGINES=webgpu');
    else if (engine === 'webgpu' || engine === 'tfjs-node') await tryEngine(engine, absent);
  }
  return { present: CANDIDATES.filter((engine) => !absent.has(engine)), absent };
}

async function tryEngine(engine: NodeEngine, absent: Map<NodeEngine, string>): Promise<void> {
  if (engine === 'webgpu') offerSoftwareVulkan();
  try {
    await useEngine(engine);
    disposeEngine();
  } catch (error) {
    absent.set(engine, (error as Error).message.split('\n')[0]!.replace(/^useEngine\('[^']*'\): /, ''));
  }
}

/** Once a test run, though every test file has a process of its own: their parent's id marks the run. */
function printOnce(): void {
  try {
    closeSync(openSync(join(tmpdir(), `poseblocks-engines-${process.ppid}`), 'wx'));
  } catch {
    return;
  }
  console.info(`engines present: ${present.join(', ')}`);
  for (const [engine, reason] of absent) console.info(`engine absent: ${engine} (${reason})`);
}
