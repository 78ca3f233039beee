import type { EngineName } from '../engines';

/** What `--engine` may be. */
export const ENGINES: readonly (EngineName | 'auto')[] = ['auto', 'cuda', 'webgpu', 'tfjs-node', 'wasm', 'cpu'];
