import type { ImageSource } from '../inference';
import type { Box } from '../keypoints';

/** A person's box, `[x, y, width, height]` in pixels of the image, and how sure the detector is, from 0 to 1. */
export interface DetectedBox {
  readonly box: Box;
  readonly score: number;
}

/** Finds people in an image: any function that gives boxes. Ready ones are in `poseblocks/video/detectors`. */
export type PersonDetector = (image: ImageSource) => Promise<DetectedBox[]>;
