export { directoryStore } from './directory-store';
export { jsonlLog, tensorboardLog, type LogOptions } from './log-files';
