import type { ImageSource } from '../inference';
import type { Box } from '../keypoints';

/** A person's box, `[x, y, width, height]` in pixels of the image, and the detector's confidence from 0 to 1. */
export interface DetectedBox {
  readonly box: Box;
  readonly score: number;
}

/** Detects people in an image: any function that returns boxes. `poseblocks/video/detectors` has ready ones. */
export type PersonDetector = (image: ImageSource) => Promise<DetectedBox[]>;
