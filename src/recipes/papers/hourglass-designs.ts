import type { LayersModel } from '@tensorflow/tfjs-layers';
import { separableBottleneck, type HourglassBlockOptions } from '../../blocks';
import { requireVariant, stackedHourglass, type StackedHourglassOptions } from '../../networks';

/**
 * Mothilal Asokan, "CV701 Assignment-4": Table 1, MPII validation, mean PCKh@0.5 in percent. Where the text is ambiguous, there is a row for each reading;
 * `params` is the printed value, which only `two_dwsep_text` and `dwsep_3x3only` do not match.
 */
export const HOURGLASS_DESIGNS = {
  baseline: { block: 'bottleneck', paper: { params: '6.73M', PCKh: 77.84 } },
  'weights_0.3_0.7': { outputWeights: [0.3, 0.7], paper: { params: null, PCKh: 76.33 } },
  'weights_0.7_0.3': { outputWeights: [0.7, 0.3], paper: { params: null, PCKh: 67.84 } },
  dilated: { block: 'dilated', paper: { params: null, PCKh: 75.85 } },
  patchify_3x3s2: { stem: 'patchify', paper: { params: '6.72M', PCKh: 75.66 } },
  no_skip: { block: 'no-skip', paper: { params: '6.69M', PCKh: 76.84 } },
  dwsep_all3: { block: 'separable-all', paper: { params: '2.92M', PCKh: 78.67 } },
  dwsep_3x3only: { block: 'separable-3x3', paper: { params: '2.80M', PCKh: 77.15 } },
  dwsep_3x3only_nodwbias: { bias: 'pointwise', paper: { params: '2.80M', PCKh: 77.15 } },
  dwsep_3x3only_nobias: { bias: 'none', paper: { params: '2.80M', PCKh: 77.15 } },
  two_dwsep_text: { block: 'two-separable', paper: { params: '1.90M', PCKh: 72.19 } },
  two_dwsep_grouped: { block: 'two-separable-grouped', paper: { params: '1.90M', PCKh: 72.19 } },
  two_dwsep_text_dilated: { block: 'two-separable-dilated', paper: { params: null, PCKh: 71.28 } },
  two_dwsep_grouped_dilated: { block: 'two-separable-grouped-dilated', paper: { params: null, PCKh: 71.28 } },
  two_regular: { block: 'two-regular', paper: { params: '17.95M', PCKh: 78.52 } },
} as const;

/** Rows of the table in paper 002. */
export type HourglassDesign = keyof typeof HOURGLASS_DESIGNS;

/**
 * A network of the paper by its row: [N, 256, 256, 3] → two outputs [N, 64, 64, 16].
 *
 * @throws RangeError for an unknown row.
 * @example const network = hourglassDesign('dwsep_all3');
 */
export function hourglassDesign(row: HourglassDesign, options: StackedHourglassOptions = {}): LayersModel {
  requireVariant('hourglassDesign', row, HOURGLASS_DESIGNS, 'row');
  const design = HOURGLASS_DESIGNS[row];
  if ('bias' in design) {
    const { bias } = design;
    const block = ({ filters }: HourglassBlockOptions) => separableBottleneck({ filters, replace: '3x3', bias });
    return stackedHourglass({ block, ...options });
  }
  const { paper: _, ...own } = design;
  return stackedHourglass({ ...own, ...options });
}
