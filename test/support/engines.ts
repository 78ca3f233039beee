import { writeFileSync } from 'node:fs';
import { disposeEngine, useEngine, type EngineName } from 'poseblocks/engines';
import { beforeAll, describe, it } from 'vitest';
import { engineReport } from './report-engines';
import { offerSoftwareVulkan } from './software-vulkan';

/** The engines that Node can run; wasm and cpu are always there. */
const CANDIDATES = ['wasm', 'cpu', 'webgpu', 'tfjs-node'] as const satisfies readonly EngineName[];
export type NodeEngine = (typeof CANDIDATES)[number];

/**
 * The engines present in this process, and why the others are not. POSEBLOCKS_ENGINES=wasm,cpu leaves out the rest. WebGPU runs only where it is named
 * there: the gate gives it a step of its own, as a driver that fails takes its process with it.
 */
export const { present, absent, leftOut } = await detectEngines();

/**
 * Runs a suite of tests once on every engine that is present, each time with that engine current. Those that are absent are told in
 * one line at the end of the run; a suite for which no engine is left is one skipped test that says why.
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
  reportOnce();
  const wanted = engines.filter((engine) => !leftOut.has(engine));
  if (wanted.length > 0 && wanted.every((engine) => absent.has(engine)))
    it.skip(`${name} on ${wanted.map((engine) => `${engine}: ${absent.get(engine)!}`).join('; ')}`, () => {});
  for (const engine of wanted) {
    if (absent.has(engine)) continue;
    describe(`${name} on ${engine}`, () => {
      beforeAll(() => useEngine(engine));
      suite(engine);
    });
  }
}

interface Detected {
  readonly present: readonly NodeEngine[];
  /** Engines that were tried, and why they do not run. */
  readonly absent: ReadonlyMap<NodeEngine, string>;
  /** Engines that were not asked for, and why. */
  readonly leftOut: ReadonlyMap<NodeEngine, string>;
}

async function detectEngines(): Promise<Detected> {
  const wanted = process.env['POSEBLOCKS_ENGINES']?.split(',');
  const absent = new Map<NodeEngine, string>();
  const leftOut = new Map<NodeEngine, string>();
  for (const engine of CANDIDATES) {
    if (wanted !== undefined && !wanted.includes(engine)) leftOut.set(engine, 'not in POSEBLOCKS_ENGINES');
    else if (wanted === undefined && engine === 'webgpu') leftOut.set(engine, 'has a step of its own');
    else if (engine === 'webgpu' || engine === 'tfjs-node') await tryEngine(engine, absent);
  }
  const present = CANDIDATES.filter((engine) => !absent.has(engine) && !leftOut.has(engine));
  return { present, absent, leftOut };
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

/** Leaves the line for the run's report (`report-engines.ts`), whose process is the parent of every test file's. */
function reportOnce(): void {
  const others = [...absent, ...leftOut].map(([engine, reason]) => `${engine} (${reason})`);
  const line = `Engines: ${present.join(', ')}${others.length > 0 ? `; not here: ${others.join(', ')}` : ''}.`;
  writeFileSync(engineReport(process.ppid), line);
}
