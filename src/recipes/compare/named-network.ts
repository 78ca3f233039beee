import type { LayersModel } from '@tensorflow/tfjs-layers';
import { nearestName } from '../../bytes';
import { COCO, MPII, LSP, type KeypointSet, type Size } from '../../keypoints';
import { lpn, type LpnVariant } from '../../networks';
import { gaussianCodec, type Codec } from '../../targets';
import { intermediateSupervision, jointsMse, type Loss } from '../../training';
import { paperNetwork, paperNetworks, type PaperNetwork } from '../papers/paper-network';
import type { Recipe } from '../recipe';
import { RECIPES, type RecipeName } from '../recipes';

/** The papers' networks with another attention, which are not in any table. */
const ATTENTIONS = ['gc', 'se', 'none'] as const;
const OTHERS = (['lpn-50', 'lpn-101', 'lpn-152'] as const).flatMap((variant) =>
  ATTENTIONS.map((attention) => `${variant}-${attention}` as const),
);

/** The network of a name. */
export interface NamedNetwork {
  readonly name: string;
  /** `[width, height]` that it was designed for. */
  readonly inputSize: Size;
  /** Keypoint set that it was designed for. */
  readonly keypointSet: KeypointSet;
  build(options: { readonly inputSize: Size; readonly keypoints: number; readonly seed: number }): LayersModel;
  /** Codec and loss of its output; undefined where the output is not heatmaps and no recipe has that name. */
  codec(network: LayersModel, inputSize: Size): Codec<unknown, unknown> | undefined;
  readonly loss: Loss<unknown, unknown>;
}

/**
 * Names that {@link namedNetwork} accepts: recipes (`lpn-50`), the papers' rows (`002-dwsep_all3`), and LPNs by attention (`lpn-50-se`).
 *
 * @example namedNetworks().filter((name) => name.startsWith('002-'))
 */
export function namedNetworks(): readonly string[] {
  return [...Object.keys(RECIPES), ...OTHERS, ...paperNetworks()];
}

/**
 * Names that match a pattern with `*`, in the order of {@link namedNetworks}. A complete name matches itself, also without its paper if that is unambiguous.
 *
 * @throws RangeError for an unknown name, naming the nearest.
 * @example matchNetworks('lpn-50-*') // ['lpn-50-gc', 'lpn-50-se', 'lpn-50-none']
 */
export function matchNetworks(pattern: string): readonly string[] {
  const names = namedNetworks();
  if (names.includes(pattern)) return [pattern];
  const whole = new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  const found = names.filter((name) => whole.test(name));
  const rows = found.length > 0 ? found : names.filter((name) => /^\d{3}-/.test(name) && name.slice(4) === pattern);
  if (rows.length > 0) return rows;
  const nearest = nearestName(pattern, [...names, ...paperNetworks().map((name) => name.slice(4))]);
  throw new RangeError(
    `matchNetworks: the name must be that of a recipe or of a paper's row. Received: ${pattern}.${nearest === undefined ? ` Such as ${names[0]}, ${names.at(-1)}, 002-*.` : ` Did you mean ${nearest}?`}`,
  );
}

/**
 * The network of a name, for any size, keypoints and seed.
 *
 * @throws RangeError for an unknown name.
 * @example namedNetwork('lpn-50-se').build({ inputSize: [96, 128], keypoints: 17, seed: 1 })
 */
export function namedNetwork(name: string): NamedNetwork {
  if (Object.hasOwn(RECIPES, name)) return ofRecipe(name as RecipeName);
  const shape = ({ inputSize: [width, height], keypoints, seed }: Parameters<NamedNetwork['build']>[0]) => ({
    inputShape: [height, width, 3] as const,
    keypoints,
    seed,
  });
  const heatmaps = { codec: heatmapCodec, loss: intermediateSupervision(jointsMse) as Loss<unknown, unknown> };
  if ((OTHERS as readonly string[]).includes(name)) {
    const [, variant, attention] = /^(lpn-\d+)-(.+)$/.exec(name)!;
    return {
      name,
      inputSize: [192, 256],
      keypointSet: COCO,
      build: (options) =>
        lpn(variant as LpnVariant, { ...shape(options), attention: attention as (typeof ATTENTIONS)[number] }),
      ...heatmaps,
    };
  }
  const [whole] = matchNetworks(name);
  const paper = whole!.slice(0, 3);
  const size = /(\d+)x(\d+)$/.exec(whole!); // height × width, as printed in the tables
  return {
    name: whole!,
    inputSize: size ? [Number(size[2]), Number(size[1])] : paper === '003' ? [192, 256] : [256, 256],
    keypointSet: paper === '003' ? COCO : paper === '000' ? LSP : MPII,
    build: (options) => paperNetwork(whole as PaperNetwork, shape(options)),
    ...heatmaps,
  };
}

function ofRecipe(name: RecipeName): NamedNetwork {
  const recipe = RECIPES[name] as Recipe;
  return {
    name,
    inputSize: recipe.inputSize,
    keypointSet: { coco: COCO, mpii: MPII, lsp: LSP }[recipe.dataset],
    build: ({ inputSize: [width, height], keypoints, seed }) =>
      recipe.build({ inputShape: [height, width, 3], keypoints, seed }),
    codec: (_, inputSize) => recipe.codec(inputSize),
    loss: recipe.loss,
  };
}

/** Gaussians in the size of the last output, with sigma 2 for 64 cells, as in most papers. */
function heatmapCodec(network: LayersModel, inputSize: Size): Codec<unknown, unknown> | undefined {
  const shape = network.outputs.at(-1)!.shape;
  const [, height, width] = shape as [null, number, number];
  if (shape.length !== 4 || inputSize[0] % width !== 0 || inputSize[0] / width !== inputSize[1] / height) return undefined; // prettier-ignore
  return gaussianCodec({ inputSize, heatmapSize: [width, height], sigma: 2 }) as Codec<unknown, unknown>;
}
