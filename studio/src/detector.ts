import type { PersonDetector } from 'poseblocks/video';
import { detectorUrl } from './catalogue';
import { engine } from './engine';

let loaded: Promise<PersonDetector> | undefined;
/** Milliseconds of its last run. */
export const detection = { ms: 0 };

/** MoveNet MultiPose, where this studio was built with it. */
export function personDetector(): Promise<PersonDetector> | undefined {
  const url = detectorUrl();
  if (url === undefined) return undefined;
  loaded ??= load(url).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(url: string): Promise<PersonDetector> {
  await engine();
  const [{ loadGraphModel }, { moveNetDetector }] = await Promise.all([
    import('@tensorflow/tfjs-converter'),
    import('poseblocks/video/detectors'),
  ]);
  const detect = moveNetDetector(await loadGraphModel(new URL(url, document.baseURI).href));
  return async (image) => {
    const begun = performance.now();
    const found = await detect(image);
    detection.ms = performance.now() - begun;
    return found;
  };
}
