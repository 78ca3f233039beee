import { readFileSync } from 'node:fs';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { COCO, type Box, type Keypoints } from 'poseblocks/keypoints';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { moveNetDetector } from 'poseblocks/video/detectors';
import { findPictures, graphModelFile, predictPictures } from 'poseblocks/video/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { photographs } from '../support/fixtures';
import { humanModels, noHumanModels } from '../support/human-models';

const { folder, absent } = photographs('coco');

interface Annotation {
  readonly image_id: number;
  readonly area: number;
  readonly iscrowd: number;
  readonly bbox: Box;
  readonly keypoints: readonly number[];
}

describeWhere('from a photograph to all skeletons, with no box given', noHumanModels ?? absent, () => {
  beforeAll(() => useEngine('wasm'));
  afterAll(() => disposeEngine());

  it('gives every person of over 5,000 square pixels in photographs of COCO its own skeleton, as near as with the annotated boxes', async () => {
    const model = await loadPoseModelFile('weights/lpn-50-leeds.safetensors');
    const estimator = await createEstimator(model, { flipTest: true });
    const detector = moveNetDetector(await loadGraphModel(graphModelFile(`${humanModels}/movenet-multipose.json`)));
    const { images, annotations } = JSON.parse(readFileSync(`${folder}/test_coco.json`, 'utf8')) as {
      images: { id: number; file_name: string }[];
      annotations: Annotation[];
    };
    const apart: { found: number; boxed: number }[] = [];
    let pictures = 0;
    for await (const { name, image, people } of predictPictures(estimator, await findPictures(folder), { detector })) {
      pictures++;
      const { id } = images.find(({ file_name: file }) => file === name)!;
      const large = annotations.filter((a) => a.image_id === id && a.iscrowd === 0 && a.area > 5000);
      const boxed = await estimator.estimate(image, large.map(({ bbox }) => bbox)); // prettier-ignore
      const free = new Set(people);
      large.forEach((person, i) => {
        const [own] = [...free].sort((a, b) => iou(b.box, person.bbox) - iou(a.box, person.bbox));
        expect(own && iou(own.box, person.bbox), `${name} [${person.bbox}]`).toBeGreaterThan(0.5);
        free.delete(own!);
        const of = (pose: Keypoints): number => distance(pose, model.keypointSet.names, person);
        apart.push({ found: of(own!.keypoints), boxed: of(boxed[i]!) });
      });
    }
    await estimator.dispose();
    model.network.dispose();
    expect([pictures, apart.length]).toEqual([4, 9]);
    const near = (key: 'found' | 'boxed'): number => apart.filter((each) => each[key] < 0.12).length;
    console.log(apart.map(({ found, boxed }) => `${found.toFixed(3)} (${boxed.toFixed(3)})`).join(', '));
    // The two of 000000040083.jpg sit, which nobody does in Leeds Sports Poses: 0.22 and 0.35, and no better in the annotated boxes.
    expect(near('found')).toBeGreaterThanOrEqual(7);
    expect(near('found')).toBeGreaterThanOrEqual(near('boxed'));
  });
});

/** Mean distance of the labelled keypoints that COCO and a pose both have, in parts of the person's longer side. */
function distance({ xy }: Keypoints, names: readonly string[], { keypoints, bbox }: Annotation): number {
  const far = names.flatMap((name, i) => {
    const j = COCO.names.indexOf(name);
    if (j < 0 || !(keypoints[3 * j + 2]! > 0)) return [];
    return Math.hypot(xy[2 * i]! - keypoints[3 * j]!, xy[2 * i + 1]! - keypoints[3 * j + 1]!);
  });
  return far.reduce((sum, value) => sum + value, 0) / far.length / Math.max(bbox[2], bbox[3]);
}

function iou([x, y, w, h]: Box, [u, v, p, q]: Box): number {
  const across = Math.max(0, Math.min(x + w, u + p) - Math.max(x, u));
  const down = Math.max(0, Math.min(y + h, v + q) - Math.max(y, v));
  return (across * down) / (w * h + p * q - across * down);
}
