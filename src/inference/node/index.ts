/**
 * Models exported to files that other programs open, and checked there. For Node.
 *
 * @packageDocumentation
 */
export { estimatorFile, type FileEstimator } from './estimator-file';
export type { ExportCheck } from './export-check';
export { exportFile, EXPORT_FORMATS, type ExportFileOptions, type ExportFormat, type ExportReport } from './export-file'; // prettier-ignore
