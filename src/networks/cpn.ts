import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { bottleneck } from '../blocks';
import { globalNet, refineNet, type GlobalNetOptions, type RefineNetOptions } from '../heads';
import { requireVariant, type Backbone } from './backbones/backbone';
import { RESNET, residualBackbone } from './backbones/resnet';
import { buildNetwork, type NetworkOptions } from './build';

/** Chen et al., "Cascaded Pyramid Network for Multi-Person Pose Estimation", 2018 (arXiv:1711.07319): Table 10, COCO minival at 256×192. */
export const CPN = {
  'cpn-50': { backbone: 'resnet-50', paper: { params: '27.0M', gflops: '6.2', AP: 68.6 } },
  'cpn-101': { backbone: 'resnet-101', paper: {} },
} as const;

/** Backbones of CPN. */
export type CpnVariant = keyof typeof CPN;

/**
 * Three networks share the name: the one of the paper's counts, the TensorFlow code that its first author released, and the PyTorch port. The paper does not say
 * how it resizes; `'paper'` resizes as TensorFlow 1 does.
 */
const FORMS = {
  paper: { shortcut: 'projection', strideOn: '1x1', merge: 'bn', resize: 'legacy', headNorm: 'beforeResize' },
  release: { shortcut: 'identity', strideOn: '3x3', merge: 'bias', resize: 'legacy', headNorm: 'beforeResize' },
  port: { shortcut: 'projection', strideOn: '3x3', merge: 'bn', resize: 'alignCorners', headNorm: 'afterResize' },
} as const;

/** The three networks that are called CPN: of the paper, of its authors, and of the PyTorch port. */
export type CpnForm = keyof typeof FORMS;

/** Options of {@link cpn}. */
export interface CpnOptions
  extends
    NetworkOptions,
    Pick<RefineNetOptions, 'shortcut' | 'concat'>,
    Pick<GlobalNetOptions, 'merge' | 'resize' | 'headNorm'> {
  /** Which of the three; the options below replace its parts. @defaultValue 'paper' */
  form?: CpnForm;
  /** Which convolutions of the backbone have the stride. */
  strideOn?: '1x1' | '3x3';
  /** Channels of the pyramid. @defaultValue 256 */
  filters?: number;
  /** `'refined'` omits the heads of GlobalNet, which only training needs. @defaultValue 'all' */
  outputs?: 'all' | 'refined';
}

/**
 * Cascaded Pyramid Network: a ResNet, {@link globalNet} on its four levels, and {@link refineNet}. [N, H, W, 3] → five maps [N, H/4, W/4, keypoints]:
 * GlobalNet's four, coarse to fine, and RefineNet's last; or RefineNet's alone. Train it with `cpnLoss` and `cpnCodec`, and use `lastOutput` of the trained network.
 *
 * Its modules equal those of github.com/GengDavid/pytorch-cpn, in outputs and gradients; layer names `resnet`, `global_net`, `refine_net`. tf-cpn
 * (github.com/chenyilun95/tf-cpn) uses epsilon 1e-9 in its normalisations and concatenates fine levels first (`concat: 'fineFirst'`). CPN on ResNet-Inception was
 * never released; any backbone with four levels can take its place.
 *
 * @param backbone a name, or your own backbone with features at strides 4, 8, 16 and 32.
 * @throws RangeError for an unknown variant or form, a size not divisible by 32, or no keypoints.
 * @example const network = cpn('cpn-50', { inputShape: [256, 192, 3], keypoints: 17, form: 'release' });
 */
export function cpn(backbone: CpnVariant | Backbone, options: CpnOptions = {}): LayersModel {
  const {
    inputShape = [256, 192, 3],
    keypoints = 17,
    form = 'paper',
    filters = 256,
    outputs = 'all',
    concat = 'coarseFirst',
    initialization = 'he',
    seed = 0,
    ...changes
  } = knownOptions('cpn', options, [
    'inputShape',
    'keypoints',
    'form',
    'filters',
    'outputs',
    'concat',
    'initialization',
    'seed',
    'strideOn',
    'shortcut',
    'merge',
    'resize',
    'headNorm',
  ]);
  requireVariant('cpn', form, FORMS, 'form');
  const { strideOn, shortcut, merge, resize, headNorm } = { ...FORMS[form], ...changes };
  const name = typeof backbone === 'string' ? backbone : 'cpn';
  if (typeof backbone === 'string') requireVariant('cpn', backbone, CPN);
  const body =
    typeof backbone === 'string'
      ? residualBackbone({
          ...RESNET[CPN[backbone].backbone],
          block: (block) => bottleneck({ ...block, strideOn }),
        })
      : backbone;
  const network = (image: SymbolicTensor): SymbolicTensor[] => {
    const levels = body.features(image, 'resnet').map(({ x }) => x);
    const global = globalNet({ keypoints, filters, heads: outputs === 'all', merge, resize, headNorm });
    const { features, heatmaps } = global([...levels].reverse(), 'global_net');
    return [...heatmaps, refineNet({ keypoints, concat, shortcut, resize })(features, 'refine_net')];
  };
  return buildNetwork(name, network, { inputShape, keypoints, initialization, seed, multiple: 32 });
}
