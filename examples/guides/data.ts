/**
 * The code of the guide to data: annotations, keypoint sets, crops, augmentation, targets and their decoding.
 * @quick {out}
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cropImage, syntheticPeople, topDown, writeCoco, type AugmentOptions } from 'poseblocks/datasets';
import { decodeImage, imageFolder, readCocoFile } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { COCO, convertKeypoints, MPII } from 'poseblocks/keypoints';
import { boxToCrop } from 'poseblocks/geometry';
import { dark } from 'poseblocks/postprocess';
import { codecFromJSON, gaussianCodec, type HeatmapCodec } from 'poseblocks/targets';
import sharp from 'sharp';

const out = process.argv[2] ?? 'out/data';
const [photographs, file] = [join(out, 'images'), join(out, 'people.json')];
await mkdir(photographs, { recursive: true });
const { images, json } = syntheticPeople({ seed: 1, count: 8, imageSize: [160, 160] });
await writeFile(file, JSON.stringify(json));
for (const [i, { data, width, height }] of images.entries()) {
  const raw = { width, height, channels: 3 } as const;
  await sharp(data, { raw }).toFile(join(photographs, json.images[i]!.file_name));
}

// #region read
const { persons, skipped } = await readCocoFile(file);
for (const { id, reason, detail } of skipped) console.log(`annotation ${id} is left out: ${reason} ${detail}`);
// #endregion

// #region convert
const derived = { pelvis: ['left_hip', 'right_hip'], thorax: ['left_shoulder', 'right_shoulder'] } as const;
const asMpii = persons.map((person) => ({
  ...person,
  keypoints: convertKeypoints(person.keypoints, COCO, MPII, derived),
}));
await writeFile(join(out, 'mpii.json'), JSON.stringify(writeCoco({ persons: asMpii, keypointSet: MPII })));
// #endregion

// #region crop
const person = persons[0]!;
const crop = boxToCrop(person.box, [192, 256]); // 1.25 times the box, in the input's proportions
const keypoints = crop.toInput(person.keypoints); // and crop.toImage takes them back, exactly
const pixels = cropImage(await decodeImage(join(photographs, person.fileName)), crop); // [256, 192, 3], normalised
// #endregion
console.log(pixels.length, keypoints.frame);

// #region codec
const codec = gaussianCodec({
  inputSize: [192, 256],
  heatmapSize: [48, 64],
  sigma: 2,
  center: 'exact',
  refine: dark,
});
const { heatmaps, weights, shape } = codec.encode(keypoints); // [64, 48, 17]; weights are 0 where nothing is labelled
const found = codec.decode({ heatmaps, weights, shape }); // within codec.precision, if codec.margin away from the border
const restored = codecFromJSON<HeatmapCodec>(JSON.parse(JSON.stringify(codec)));
// #endregion
console.log(`${found.xy[0]} for ${keypoints.xy[0]}, ${restored.precision} px at the most`);

await useEngine('wasm');
// #region augment
const augment: AugmentOptions = {
  keypointSet: COCO,
  flip: 0.5,
  scale: 0.3,
  rotation: 40, // degrees; these three are the defaults, as SimpleBaseline and LPN have them
  halfBody: { upperBody: COCO.names.slice(0, 11), probability: 0.3 },
};
const readImage = imageFolder(photographs);
const batches = topDown({ persons, readImage, codec, batchSize: 4, seed: 1, epoch: 0, augment });
// #endregion
for await (const batch of batches) {
  console.log(batch.samples.map(({ fileName }) => fileName));
  batch.images.dispose();
}
