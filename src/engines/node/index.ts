export { setupTfjsNode, type TfjsNodeReport, type TfjsNodeSetup } from './setup-tfjs-node';
