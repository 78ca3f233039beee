import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cropImage, personCrop } from 'poseblocks/datasets';
import { imageFolder, readCocoFile } from 'poseblocks/datasets/node';
import type { Affine } from 'poseblocks/postprocess';
import { describe, expect, it } from 'vitest';

const photographs = fileURLToPath(new URL('../../../shared/data/coco', import.meta.url));
const fixtures = new URL('../fixtures/', import.meta.url);
interface Trajectory {
  persons: { annotation: number; matrix: Affine }[];
}

describe.skipIf(!existsSync(photographs))('the photographs of ../shared/data/coco (skipped when absent)', () => {
  it('crop to the inputs of the stored PyTorch trajectory, to 1e-3', async () => {
    const { persons } = await readCocoFile(`${photographs}/test_coco.json`);
    const trajectory = JSON.parse(readFileSync(new URL('trajectory_lpn50.json', fixtures), 'utf8')) as Trajectory;
    const bytes = readFileSync(new URL('trajectory_lpn50_inputs.bin', fixtures));
    const stored = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4); // [12, 3, 128, 96]
    expect(persons.map(({ id }) => id)).toEqual(trajectory.persons.map(({ annotation }) => annotation));

    const readImage = imageFolder(photographs);
    const [width, height] = [96, 128];
    let worst = 0;
    for (const [n, person] of persons.entries()) {
      const { matrix } = trajectory.persons[n]!;
      const crop = personCrop(person, [width, height]);
      crop.matrix.forEach((value, i) => expect(value).toBeCloseTo(matrix[i]!, 10));
      const pixels = cropImage(await readImage(person), crop);
      for (let i = 0; i < width * height; i++) {
        for (let c = 0; c < 3; c++) {
          worst = Math.max(worst, Math.abs(pixels[3 * i + c]! - stored[(3 * n + c) * width * height + i]!));
        }
      }
    }
    expect(worst).toBeLessThan(1e-3);
  });
});
