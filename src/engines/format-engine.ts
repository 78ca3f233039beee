import type { EngineDescription } from './engine';

/**
 * An engine's description as text lines.
 *
 * @example
 * console.log(formatEngine(await useEngine('auto')));
 */
export function formatEngine(engine: EngineDescription): string {
  const rows: readonly (readonly [string, string])[] = [
    ['engine', engine.name],
    ['device', engine.device],
    ['threads', engine.threads === null ? "the device's own" : String(engine.threads)],
    ['memory limit', bytes(engine.memoryLimit)],
    ['largest tensor', bytes(engine.tensorLimit)],
    ['missing kernels', engine.missingKernels.join(', ') || 'none'],
    ['chosen because', engine.reason],
  ];
  return rows.map(([label, value]) => `${label.padEnd(15)}  ${value}`).join('\n');
}

function bytes(count: number | null): string {
  return count === null ? "the machine's" : `${Number((count / 2 ** 30).toFixed(2))} GiB`;
}
