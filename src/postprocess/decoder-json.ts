import { shown } from '../bytes';
import { argmax } from './argmax';
import { darkDecoder } from './dark';
import { darkUdpDecoder } from './dark-udp';
import type { Decoder, DecoderJSON } from './decoder';
import { quarterOffset } from './quarter-offset';
import { secondMaximum } from './second-maximum';
import { softArgmaxDecoder } from './soft-argmax-decoder';

/**
 * Restores a decoder from its JSON.
 *
 * @throws RangeError when no decoder of this library has such JSON.
 * @example
 * const decode = decoderFromJSON(JSON.parse(JSON.stringify(dark)));
 */
export function decoderFromJSON(json: DecoderJSON): Decoder {
  switch (json?.decoder) {
    case 'argmax':
      return argmax;
    case 'quarter-offset':
      return quarterOffset;
    case 'second-maximum':
      return secondMaximum(json);
    case 'dark-udp':
      return darkUdpDecoder(json);
    case 'dark':
      return darkDecoder(json);
    case 'soft-argmax': {
      const { beta, radius, quarterOffset } = json;
      return softArgmaxDecoder({ beta, quarterOffset, ...(radius !== null && { radius }) });
    }
    default:
      throw new RangeError(
        `decoderFromJSON: decoder must be argmax, quarter-offset, dark, dark-udp, second-maximum or soft-argmax. Received: ${shown(json)}.`,
      );
  }
}
