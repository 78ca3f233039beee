export type { Codec, HeatmapTarget } from './codec';
export { gaussianCodec, type GaussianCodecJSON, type GaussianCodecOptions, type HeatmapCodec } from './gaussian-codec';
export { codecFromJSON, type CodecJSON } from './codec-json';
export { epochScale, linearSigma } from './epoch-scale';
