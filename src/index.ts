/**
 * Everything that needs no Node built-in. Import a single folder by its subpath, `poseblocks/metrics`, to have only it.
 *
 * @packageDocumentation
 */
export * from './blocks';
export * from './bytes';
export * from './datasets';
export * from './engines';
export * from './graph';
export * from './heads';
export * from './inference';
export * from './interop';
export * from './keypoints';
export * from './metrics';
export * from './networks';
export * from './geometry';
export * from './postprocess';
export * from './random';
export * from './recipes';
export * from './targets';
export * from './training';
export * from './visualize';

// Rooms below define the same record for themselves; one of the two must be meant here.
export type { CocoCategory } from './datasets';
