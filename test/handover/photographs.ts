import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { syntheticPeople, type Person } from 'poseblocks/datasets';

/** People, and the folder of their images as files. */
export async function people(count: number): Promise<{ readonly persons: Person[]; readonly images: string }> {
  const images = await mkdtemp(join(tmpdir(), 'poseblocks-people-'));
  const { persons, images: pictures } = syntheticPeople({ seed: 1, count, imageSize: [160, 160] });
  const written = new Set<number>();
  for (const { imageId, fileName } of persons) {
    if (written.has(imageId)) continue;
    written.add(imageId);
    const { data, width, height } = pictures[imageId]!;
    await writeFile(
      join(images, fileName),
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
  }
  return { persons: [...persons], images };
}
