import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { COCO } from 'poseblocks/keypoints';
import { toCocoResult } from 'poseblocks/metrics';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { reviewPeople, trainingReport, type EpochRecord } from 'poseblocks/training';
import { launchChromium, noChromium } from '../support/chromium';
import { describeWhere } from '../support/describe-where';
import { runCommand } from '../support/run-command';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-reports-'));
const path = (name: string): string => join(folder, name);
/** Where pictures of each page go, on a phone and a desktop; none without. */
const SCREENSHOTS = process.env['REPORT_SCREENSHOTS'];
const WIDTHS = { phone: 390, desktop: 1280 } as const;
const MODEL = 'weights/synthetic-small.safetensors';
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
type Axe = { axe: { run: (where: Document) => Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary?: string }[] }[] }> } }; // prettier-ignore

describeWhere('the reports in headless Chromium', noChromium, () => {
  let browser: Browser;
  const pages = ['training', 'evaluation', 'compare/compare'] as const;

  beforeAll(async () => {
    await useEngine('wasm');
    await writeReports();
    browser = await launchChromium('wasm');
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** A page that notes its errors and what it asks of other hosts. */
  async function open(
    name: string,
    width: number,
    colorScheme: 'light' | 'dark',
  ): Promise<{ page: Page; faults: string[] }> {
    // prettier-ignore
    const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && faults.push(message.text()))); // prettier-ignore
    page.on('request', (request) => void (/^https?:/.test(request.url()) && faults.push(`a request to ${request.url()}`))); // prettier-ignore
    await page.goto(pathToFileURL(path(`${name}.html`)).href);
    return { page, faults };
  }

  it.each(pages)('%s fits a phone and a desktop, with no message and no serious finding of axe-core', async (name) => {
    for (const [device, width] of Object.entries(WIDTHS)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, faults } = await open(name, width, colorScheme);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth); // prettier-ignore
        expect([name, device, wider]).toEqual([name, device, 0]);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => (globalThis as unknown as Axe).axe.run(document));
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]!.html} ${nodes[0]!.failureSummary}`)).toEqual([]);
        expect(faults).toEqual([]);
        if (SCREENSHOTS !== undefined) {
          const file = `${name.split('/').at(-1)!}-${device}-${colorScheme}.png`;
          await page.screenshot({ path: join(SCREENSHOTS, file), fullPage: true });
        }
        await page.context().close();
      }
    }
  });

  it.each(pages)('%s is read with the keyboard: each stop is in order and is seen to have the focus', async (name) => {
    const { page } = await open(name, WIDTHS.phone, 'light');
    const stops = page.locator('a[href], [tabindex="0"]');
    const count = await stops.count();
    expect(count).toBeGreaterThan(0);
    for (let i = 0; i < count; i++) {
      await page.keyboard.press('Tab');
      const focused = await stops.nth(i).evaluate((element) => ({ here: element === document.activeElement, outline: getComputedStyle(element).outlineStyle })); // prettier-ignore
      expect([i, focused]).toEqual([i, { here: true, outline: 'solid' }]);
    }
    await page.context().close();
  });

  it('scrolls a table that is wider than a phone with the arrow keys', async () => {
    const { page } = await open('compare/compare', WIDTHS.phone, 'light');
    const table = page.getByRole('region', { name: 'Networks' });
    await table.focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => table.evaluate((element) => element.scrollLeft)).toBeGreaterThan(50);
    await page.context().close();
  });

  it('leads from the contents to a section', async () => {
    const { page } = await open('training', WIDTHS.phone, 'light');
    await page.getByRole('link', { name: 'By keypoint' }).press('Enter');
    await expect.poll(() => page.getByRole('heading', { name: 'By keypoint' }).evaluate((heading) => heading.getBoundingClientRect().top < innerHeight)).toBe(true); // prettier-ignore
    await page.context().close();
  });
});

/** The three pages, of synthetic people and the small model. */
async function writeReports(): Promise<void> {
  const model = await loadPoseModelFile(MODEL);
  const { network, codec } = model;
  const people = syntheticPeople({ seed: 9, count: 10, imageSize: [192, 160], people: [1, 1] });
  const batches = () => topDown({ ...people, codec, batchSize: 5 });
  const review = await reviewPeople(network, { batches, codec, keypointSet: COCO, keep: 4 });
  const history = [0.21, 0.44, 0.58, 0.63].map((PCK, epoch): EpochRecord => ({ epoch, step: 20 * epoch + 19, loss: 0.01 / (epoch + 1), learningRate: 1e-3, metrics: { PCK, AP: PCK / 2 } })); // prettier-ignore
  const log = Array.from({ length: 80 }, (_, step) => ({ kind: 'step' as const, step, epoch: Math.floor(step / 20), loss: 0.02 / (step + 1), learningRate: 1e-3 * (1 - step / 80), seconds: step })); // prettier-ignore
  writeFileSync(path('training.html'), trainingReport({ title: 'lpn-small', text: ['Trained on synthetic people.'], keypointSet: COCO, history, log, steps: 80, batchSize: 8, people: 90, monitor: 'PCK', review })); // prettier-ignore

  network.dispose();
  const results = review.predictions.slice(0, -1).map(({ keypoints, sample }) => toCocoResult(keypoints, { imageId: sample.imageId })); // prettier-ignore
  mkdirSync(path('images'));
  writeFileSync(path('people.json'), JSON.stringify(people.json));
  writeFileSync(path('results.json'), JSON.stringify(results));
  for (const [i, { data, width, height }] of people.images.entries()) {
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(path(`images/${people.json.images[i]!.file_name}`));
  }
  const files = ['--annotations', path('people.json'), '--results', path('results.json'), '--images', path('images')];
  const evaluated = await runCommand(['eval', ...files, '--errors', '--per-keypoint', '--html', path('evaluation.html')]); // prettier-ignore
  expect([evaluated.code, evaluated.err]).toEqual([0, evaluated.err]);
  const sizes = ['--input', '64x64', '--people', '20', '--runs', '1', '--engine', 'wasm', '--out', path('compare')];
  const compared = await runCommand(['compare', MODEL, 'lpn-50-none', 'lpn-50-gc', ...sizes]);
  expect([compared.code, compared.err]).toEqual([0, compared.err]);
}
