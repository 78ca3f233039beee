/**
 * Checkpoints and logs on disk. For Node.
 *
 * @packageDocumentation
 */
export { directoryStore } from './directory-store';
export { jsonlLog, readLog, tensorboardLog, type LogOptions } from './log-files';
export { serveTraining, trainingTeam, type TrainingTeam, type TrainingTeamOptions } from './training-team';
