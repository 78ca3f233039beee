import { MPII } from 'poseblocks/keypoints';
import { poseModel, savePoseModel } from 'poseblocks/models';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx } from 'poseblocks/interop';
import { stackedHourglass } from 'poseblocks/networks';
import { useEngine } from 'poseblocks/engines';
import { gaussianCodec } from 'poseblocks/targets';
import { syntheticWalk } from 'poseblocks/datasets';
import { expect, it } from 'vitest';
import { labelledPictures } from '../../support/eight-keypoints';
import { drop, fileInput, pngFile, shoot, type Studio } from '../../support/studio-page';
import { expectSame, samePixels, seen } from './exported';

/** Two stacks of random weights, whose outputs differ. */
async function hourglassFile(): Promise<Buffer> {
  await useEngine('wasm');
  const network = stackedHourglass({ stacks: 2, depth: 2, filters: 16, blocks: 1, inputShape: [64, 64, 3], seed: 3 });
  const codec = gaussianCodec({ inputSize: [64, 64], heatmapSize: [16, 16] });
  const bytes = await savePoseModel(poseModel({ network, codec, keypointSet: MPII }));
  network.dispose();
  return Buffer.from(bytes);
}

export function modelsTests(studio: () => Studio): void {
  it('takes a dropped stacked hourglass, draws it, and shows the heatmaps of its stages side by side', async () => {
    const { page, context, faults, go } = await studio().open();
    await go('models');
    const cards = page.locator('.cards li');
    await cards.first().waitFor();
    const before = await cards.count();
    await drop(page, '.models', { name: 'hourglass.safetensors', mimeType: '', buffer: await hourglassFile() });
    await page.getByRole('heading', { name: 'hourglass', exact: true }).waitFor({ timeout: 60_000 });
    expect(await cards.count()).toBe(before + 1);
    await page.locator('.network').waitFor();
    await shoot(page, 'models-hourglass');
    await page.getByRole('button', { name: 'See it' }).click();
    await page.locator('select[data-choice="heatmap"]').selectOption({ label: 'All keypoints' });
    const { image } = syntheticWalk({ seed: 7, imageSize: [320, 240], noise: 0 }).at(2);
    await fileInput(page, 'Open photographs or a video').setInputFiles([await pngFile('walker.png', image)]);
    const stages = page.locator('.stages figure');
    await expect.poll(() => stages.count(), { timeout: 60_000 }).toBe(2);
    expect(await stages.locator('figcaption').allTextContents()).toEqual(['Stage 1', 'Stage 2']);
    const drawn = await stages.locator('canvas').evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).toDataURL())); // prettier-ignore
    expect(drawn[0]).not.toBe(drawn[1]);
    await shoot(page, 'see-stages');
    expect(faults).toEqual([]);
    await context.close();
  }, 300_000);

  it('takes a dropped ONNX file with our metadata, and finds with it what onnxruntime finds in Node', async () => {
    await useEngine('wasm');
    const model = await loadPoseModelFile('weights/synthetic-small.safetensors');
    const onnx = await exportOnnx(model);
    model.network.dispose();
    const opened = await studio().open();
    const { page, context, faults } = opened;
    const options = page.locator('select[data-choice="see"] option');
    const before = await options.count();
    await drop(page, '.stage', { name: 'dropped.onnx', mimeType: '', buffer: Buffer.from(onnx) });
    await page.getByText('dropped.onnx is chosen.').waitFor();
    expect(await options.count()).toBe(before + 1);
    const images = samePixels(labelledPictures(6)).slice(0, 3);
    const found = await seen(opened, images);
    expect(await page.locator('select[data-choice="heatmap"]').isDisabled()).toBe(true); // they stay within onnxruntime
    const estimator = await createEstimator({ onnx, runtime: 'node' });
    await expectSame(found, estimator, images);
    await estimator.dispose();
    expect(faults).toEqual([]);
    await context.close();
  }, 300_000);

  it('says in words why a file is no model, and does not keep it', async () => {
    const { page, context, faults, go } = await studio().open();
    await go('compare');
    const options = page.locator('select[data-choice="left"] option');
    const before = await options.count();
    const buffer = Buffer.from([8, 9]); // an ONNX file of another tool: its version, and no metadata
    await drop(page, '.compare', { name: 'other.onnx', mimeType: '', buffer });
    await page.getByText('other.onnx does not open. It does not say what its keypoints are').waitFor();
    await drop(page, '.compare', { name: 'broken.safetensors', mimeType: '', buffer });
    await page.getByText('broken.safetensors does not open. loadPoseModel: the file must').waitFor();
    expect(await options.count()).toBe(before);
    expect(faults).toEqual([]);
    await context.close();
  }, 120_000);
}
