export { readAccumulatorFile, readCocoFiles, type CocoFiles } from './read-files';
