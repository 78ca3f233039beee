import { shown } from '../bytes';
import { decoderFromJSON } from '../postprocess';
import { coordinateCodec, type CoordinateCodec, type CoordinateCodecJSON } from './coordinate-codec';
import { cpnCodec, type CpnCodec, type CpnCodecJSON } from './cpn-codec';
import { diskOffsetCodec, type DiskOffsetCodec, type DiskOffsetCodecJSON } from './disk-offset-codec';
import { gaussianCodec, type GaussianCodecJSON, type HeatmapCodec } from './gaussian-codec';
import { integralCodec, type IntegralCodec, type IntegralCodecJSON } from './integral-codec';
import { offsetCodec, type OffsetCodec, type OffsetCodecJSON } from './offset-codec';
import { simccCodec, type SimccCodec, type SimccCodecJSON } from './simcc-codec';

/** JSON of a codec, as its `toJSON` returns it. */
export type CodecJSON =
  | GaussianCodecJSON
  | OffsetCodecJSON
  | SimccCodecJSON
  | IntegralCodecJSON
  | CpnCodecJSON
  | CoordinateCodecJSON
  | DiskOffsetCodecJSON;

/** Any codec of this library; `toJSON().codec` names it. */
export type AnyCodec =
  HeatmapCodec | OffsetCodec | SimccCodec | IntegralCodec | CpnCodec | CoordinateCodec | DiskOffsetCodec;

/**
 * Restores a codec from its JSON, so that a model is deployed with the decoding that it was trained for.
 *
 * @throws RangeError when no codec of this library has such JSON, or its values are invalid.
 * @example
 * await writeFile('codec.json', JSON.stringify(codec));
 * const restored = codecFromJSON<HeatmapCodec>(JSON.parse(await readFile('codec.json', 'utf8')));
 */
export function codecFromJSON<C extends AnyCodec = AnyCodec>(json: { readonly codec: string }): C {
  return restore(json as CodecJSON) as C;
}

function restore(json: CodecJSON): AnyCodec {
  switch (json?.codec) {
    case 'gaussian': {
      const { codec: _, truncate, refine, ...options } = json;
      return gaussianCodec({ ...options, truncate: truncate ?? Infinity, refine: decoderFromJSON(refine) });
    }
    case 'cpn':
      return cpnCodec({ ...json, refine: decoderFromJSON(json.refine) });
    case 'coordinate':
      return coordinateCodec(json);
    case 'disk-offset':
      return diskOffsetCodec(json);
    case 'offset':
      return offsetCodec(json);
    case 'simcc': {
      const { codec: _, ...options } = json;
      return simccCodec(options);
    }
    case 'integral':
      return integralCodec(json);
    default:
      throw new RangeError(
        `codecFromJSON: codec must be gaussian, offset, simcc, integral, cpn, coordinate or disk-offset. Received: ${shown(json)}.`,
      );
  }
}
