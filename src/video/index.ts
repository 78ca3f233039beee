/**
 * People through a video or from a camera: frames, tracking with ids, smoothing, drawing, detectors.
 *
 * @packageDocumentation
 */
export { drawHeatmap, drawPose, fitCanvas, type DrawHeatmapOptions, type DrawPoseOptions } from '../visualize';
export { frames, type FramesOptions, type VideoPicture } from './frames';
export { oneEuro, type OneEuroOptions, type PoseFilter } from './one-euro';
export type { DetectedBox, PersonDetector } from './person-detector';
export {
  trackPoses,
  type PoseEstimator,
  type PoseTracker,
  type TrackedPose,
  type TrackPosesOptions,
} from './track-poses';
