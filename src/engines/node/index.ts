export { dataParallel, type DataParallel, type DataParallelOptions } from './data-parallel';
export { serveReplica, type Replica } from './replica';
export { setupTfjsNode, type TfjsNodeReport, type TfjsNodeSetup } from './setup-tfjs-node';
