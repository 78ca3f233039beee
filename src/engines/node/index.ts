/**
 * Training on several cores of one machine, with an engine in each worker thread. For Node.
 *
 * @packageDocumentation
 */
export { dataParallel, type DataParallel, type DataParallelOptions } from './data-parallel';
export { serveReplica, type Replica } from './replica';
export { setupTfjsNode, type TfjsNodeReport, type TfjsNodeSetup } from './setup-tfjs-node';
/** @internal */
export { typescriptWorker } from './typescript-worker';
