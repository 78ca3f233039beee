export { poseModelOfRun } from './pose-model-of-run';
