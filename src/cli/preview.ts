import { writeFile } from 'node:fs/promises';
import { NORMALIZATIONS, previewHtml, previewSamples, previewSvg, type NormalizationName } from '../datasets';
import { imageFolder, readPoseFile } from '../datasets/node';
import type { Size } from '../keypoints';
import { RECIPES, type Recipe, type RecipeName } from '../recipes';
import { toPng } from '../visualize/node';
import { flag, isCount, isWhole, numberOption, readArguments, text } from './arguments';
import type { Command } from './command';
import { oneOf, parseSize } from './options';

const normalizations = Object.keys(NORMALIZATIONS) as NormalizationName[];
const recipeNames = Object.keys(RECIPES) as RecipeName[];

export const previewUsage: string = `poseblocks preview --annotations FILE --images DIR [options]

Draws what a network gets in training: crops, targets and keypoint weights. Reads annotations of COCO, MPII (JSON or .mat) and LSP.

  --recipe NAME           the recipe whose targets and augmentation are drawn (default: ${recipeNames[0]})
  --out FILE              output file: .html, .svg or .png (default: preview.html)
  --input WxH             the network's input (default: the recipe's)
  --normalization NAME    ${normalizations.join(', ')} (default: imagenet)
  --count N               number of persons (default: 8)
  --seed N, --epoch N     shuffle as in training (default: the order of the file)
  --augment               apply the recipe's augmentation`;

/** The command `poseblocks preview`. */
export const previewCommand: Command = async (args, io) => {
  const { values } = readArguments('preview', args, {
    annotations: text,
    images: text,
    out: { type: 'string', default: 'preview.html' },
    recipe: { type: 'string', default: recipeNames[0]! },
    input: text,
    normalization: { type: 'string', default: 'imagenet' },
    count: { type: 'string', default: '8' },
    seed: text,
    epoch: { type: 'string', default: '0' },
    augment: flag,
  });
  if (values.help) {
    io.print(previewUsage);
    return 0;
  }
  const { annotations, images, out, normalization } = values;
  if (annotations === undefined || images === undefined) {
    throw new Error(
      'preview: --annotations and --images must be given. Received: one of them or none. poseblocks preview --help lists the options.',
    );
  }
  if (!/\.(html|svg|png)$/.test(out)) {
    throw new Error(`preview: --out must end in .html, .svg or .png. Received: ${out}.`);
  }
  const recipe: Recipe = RECIPES[oneOf('preview', values.recipe, recipeNames, '--recipe')];
  const inputSize = values.input === undefined ? recipe.inputSize : sizeOf('input', values.input);
  const epoch = numberOption('preview', '--epoch', values.epoch, isWhole, 'a whole number')!;
  const codec = recipe.codecAt?.(epoch, inputSize) ?? recipe.codec(inputSize);
  const { persons, keypointSet } = await readPoseFile(annotations);
  if (persons.length === 0)
    throw new Error(`preview: ${annotations} must hold a person with keypoints. Received: none.`);
  const samples = await previewSamples({
    persons,
    codec,
    readImage: imageFolder(images),
    normalization: oneOf('preview', normalization, normalizations, '--normalization'),
    count: numberOption('preview', '--count', values.count, isCount, 'a whole number from 1')!,
    epoch,
    ...(values.seed !== undefined && {
      seed: numberOption('preview', '--seed', values.seed, isWhole, 'a whole number')!,
    }),
    ...(values.augment && { augment: { keypointSet, ...recipe.augmentation } }),
  });
  await writeFile(out, await drawn(out, samples, keypointSet));
  io.print(values.json ? JSON.stringify({ out, samples: samples.length, persons: persons.length }) : `${samples.length} of ${persons.length} persons: ${out}`); // prettier-ignore
  return 0;
};

async function drawn(
  out: string,
  samples: Parameters<typeof previewHtml>[0],
  keypointSet: Parameters<typeof previewHtml>[1]['keypointSet'],
): Promise<string | Uint8Array> {
  if (out.endsWith('.html')) return previewHtml(samples, { keypointSet });
  const svg = previewSvg(samples, { keypointSet });
  return out.endsWith('.svg') ? svg : toPng(svg, { scale: 1 });
}

function sizeOf(name: string, text: string): Size {
  const size = parseSize(text);
  if (!size) throw new Error(`preview: --${name} must be WIDTHxHEIGHT, such as 192x256. Received: ${text}.`);
  return size;
}
