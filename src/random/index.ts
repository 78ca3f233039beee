/**
 * Seeded random numbers, the same on every machine.
 *
 * @packageDocumentation
 */
export { hashText } from './hash-text';
export { normal } from './normal';
export { resumableRandom, type ResumableRandom } from './resumable-random';
export { seededRandom, shuffledIndices, type Random } from './seeded-random';
