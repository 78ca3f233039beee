export * from './keypoints';
