import { disposeEngine, useEngine } from 'poseblocks/engines';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { launchChromium, noChromium, type BrowserEngine } from '../support/chromium';
import { expectRelative } from '../support/close';
import { bundleForBrowser, servePage, type PageServer } from '../support/page-server';
import { predictAndTrain, type Outcome } from './browser/predict-and-train';

describeWhere('headless Chromium', noChromium, () => {
  let script: string;
  let server: PageServer;
  let reference: Outcome;

  beforeAll(async () => {
    script = await bundleForBrowser('test/engines/browser/page.ts');
    server = await servePage(script);
    await useEngine('wasm');
    reference = await predictAndTrain();
    disposeEngine();
  });
  afterAll(() => server?.close());

  it('gets a bundle without a Node built-in', () => {
    expect(script).not.toMatch(/from\s*["']node:|require\(["']node:|import\(["']node:/);
  });

  it.each<[BrowserEngine, threads: number]>([
    ['wasm', 1],
    ['wasm', 2],
    ['webgl', 1],
    ['webgpu', 1],
  ])(
    'predicts and trains a small LPN on %s (threads: %i) as wasm does in Node, and compiles it',
    async (engine, threads) => {
      const browser = await launchChromium(engine);
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.goto(server.url);
        await page.waitForFunction(() => 'runEngine' in globalThis);
        const { description, outcome } = await page.evaluate((given) => globalThis.runEngine(...given), [
          engine,
          threads,
        ] as const);
        expect(errors).toEqual([]);
        expect(description).toMatchObject({ name: engine, missingKernels: [] });
        if (engine === 'wasm') expect(description.threads).toBe(threads);
        expectRelative(outcome.prediction, reference.prediction, 1e-3, 'heatmaps');
        expectRelative(outcome.losses, reference.losses, 1e-3, 'losses');
        expectRelative(outcome.compiled, outcome.trained, 1e-4, 'compiled');
        expect(outcome.leakedTensors).toBe(0);
      } finally {
        await browser.close();
      }
    },
  );
});
