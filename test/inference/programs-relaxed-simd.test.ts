import { setFlagsFromString } from 'node:v8';
import { describePrograms } from './program-suite';

// Fused multiply–add is on by default from Node 22 on, and behind this flag in Node 20.
if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
describePrograms('relaxed');
