export { directoryStore } from './directory-store';
export { jsonlLog, readLog, tensorboardLog, type LogOptions } from './log-files';
