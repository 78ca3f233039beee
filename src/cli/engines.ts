import type { EngineName } from '../engines';

/** What `--engine` may be. */
export const ENGINES = ['auto', 'cuda', 'webgpu', 'tfjs-node', 'wasm', 'cpu'] as const satisfies (
  EngineName | 'auto'
)[];
