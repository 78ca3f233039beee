import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The browser's program: CHROMIUM_PATH, or the first of the usual places that exists; undefined where there is none. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM_PATH'] ?? USUAL_PLACES.find((path) => existsSync(path));

/** What is missing without it, for `describeWhere`. */
export const noChromium: string | null =
  chromiumPath === undefined ? 'there is no Chromium in the usual places, and CHROMIUM_PATH is not set' : null;

export type BrowserEngine = 'webgpu' | 'webgl' | 'wasm';

/** What makes headless Chromium give each engine a device, made of software where there is no GPU. */
const FLAGS: Readonly<Record<BrowserEngine, readonly string[]>> = {
  webgpu: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
  webgl: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  wasm: [],
};

/** Starts headless Chromium for one engine. The caller closes it. */
export function launchChromium(engine: BrowserEngine, flags: readonly string[] = []): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu-sandbox', ...FLAGS[engine], ...flags];
  return chromium.launch({ executablePath: chromiumPath!, headless: true, args });
}
