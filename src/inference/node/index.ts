export { estimatorFile, type FileEstimator } from './estimator-file';
