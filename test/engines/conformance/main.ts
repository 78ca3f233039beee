/** `npm run test:engines [names]`: puts every engine present through the conformance suite, prints the table, keeps it in docs/engines.json. */
import '@tensorflow/tfjs-layers';
import { mkdirSync } from 'node:fs';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { chromiumPath, launchChromium, type BrowserEngine } from '../../support/chromium';
import { bundleForBrowser, servePage } from '../../support/page-server';
import { offerSoftwareVulkan } from '../../support/software-vulkan';
import { formatTable, mergeReports, type EngineReport, type Reports } from './report';
import { runConformance } from './run';

const NODE = ['wasm', 'cpu', 'webgpu', 'tfjs-node', 'cuda'] as const;
const BROWSER = ['wasm', 'webgl', 'webgpu'] as const satisfies readonly BrowserEngine[];

const wanted = process.argv.slice(2);
const asked = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
let reports: Reports = {};

/** Kept at once, so that an engine that ends the process loses only its own column. */
function keep(name: string, report: EngineReport): void {
  console.log(`${name}: ${report.device}`);
  mkdirSync('docs', { recursive: true });
  reports = mergeReports('docs/engines.json', { [name]: report });
}

offerSoftwareVulkan();
for (const name of NODE.filter(asked)) {
  try {
    const { device } = await useEngine(name);
    keep(name, { device, runtime: `Node ${process.versions.node.split('.')[0]}`, kernels: await runConformance() });
    disposeEngine();
  } catch (error) {
    console.log(`${name}: absent (${(error as Error).message.split('\n')[0]})`);
  }
}

const browserEngines = BROWSER.filter((name) => asked(`chromium-${name}`));
if (browserEngines.length > 0 && chromiumPath === undefined) console.log('chromium: absent (CHROMIUM_PATH is not set)');
if (browserEngines.length > 0 && chromiumPath !== undefined) {
  const server = await servePage(await bundleForBrowser('test/engines/conformance/page.ts'));
  for (const name of browserEngines) {
    const browser = await launchChromium(name);
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => 'testEngine' in globalThis);
    const { description, kernels } = await page.evaluate((engine) => globalThis.testEngine(engine), name);
    keep(`chromium-${name}`, {
      device: description.device,
      runtime: `Chromium ${browser.version().split('.')[0]}`,
      kernels,
    });
    await browser.close();
  }
  await server.close();
}

console.log(formatTable(reports));
