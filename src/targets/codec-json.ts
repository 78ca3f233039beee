import { decoderFromJSON } from '../postprocess';
import { gaussianCodec, type GaussianCodecJSON, type HeatmapCodec } from './gaussian-codec';
import { integralCodec, type IntegralCodec, type IntegralCodecJSON } from './integral-codec';
import { offsetCodec, type OffsetCodec, type OffsetCodecJSON } from './offset-codec';
import { simccCodec, type SimccCodec, type SimccCodecJSON } from './simcc-codec';

/** What a codec's `toJSON` writes. */
export type CodecJSON = GaussianCodecJSON | OffsetCodecJSON | SimccCodecJSON | IntegralCodecJSON;

/** Any codec of this library; `toJSON().codec` tells which. */
export type AnyCodec = HeatmapCodec | OffsetCodec | SimccCodec | IntegralCodec;

/**
 * The codec that wrote this JSON, so that a model is served with the very decoding it was trained for.
 *
 * @throws RangeError when no codec of this library writes such JSON, or its values cannot be used.
 * @example
 * await writeFile('codec.json', JSON.stringify(codec));
 * const restored = codecFromJSON<HeatmapCodec>(JSON.parse(await readFile('codec.json', 'utf8')));
 */
export function codecFromJSON<C extends AnyCodec = AnyCodec>(json: ReturnType<C['toJSON']>): C {
  return restore(json) as C;
}

function restore(json: CodecJSON): AnyCodec {
  switch (json?.codec) {
    case 'gaussian': {
      const { codec: _, truncate, refine, ...options } = json;
      return gaussianCodec({ ...options, truncate: truncate ?? Infinity, refine: decoderFromJSON(refine) });
    }
    case 'offset':
      return offsetCodec(json);
    case 'simcc':
      return simccCodec(json);
    case 'integral':
      return integralCodec(json);
    default:
      throw new RangeError(
        `codecFromJSON: codec must be gaussian, offset, simcc or integral. Received: ${JSON.stringify(json)}.`,
      );
  }
}
