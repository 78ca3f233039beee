import { decoderFromJSON } from '../postprocess';
import { gaussianCodec, type GaussianCodecJSON, type HeatmapCodec } from './gaussian-codec';

/** What a codec's `toJSON` writes. */
export type CodecJSON = GaussianCodecJSON;

/**
 * The codec that wrote this JSON, so that a model is served with the very decoding it was trained for.
 *
 * @throws RangeError when no codec of this library writes such JSON, or its values cannot be used.
 * @example
 * await writeFile('codec.json', JSON.stringify(codec));
 * const restored = codecFromJSON(JSON.parse(await readFile('codec.json', 'utf8')));
 */
export function codecFromJSON(json: GaussianCodecJSON): HeatmapCodec {
  if (json?.codec !== 'gaussian') {
    throw new RangeError(`codecFromJSON: codec must be gaussian. Received: ${JSON.stringify(json)}.`);
  }
  const { codec: _, truncate, refine, ...options } = json;
  return gaussianCodec({ ...options, truncate: truncate ?? Infinity, refine: decoderFromJSON(refine) });
}
