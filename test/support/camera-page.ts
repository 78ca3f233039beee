import { readdirSync } from 'node:fs';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { SeenPicture } from '../video/browser/observed';
import { cameraFlags } from './camera-film';
import { launchChromium } from './chromium';
import { bundleForBrowser, servePage, type PageServer } from './page-server';

const WASM = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';

/** The program of docs/camera.md in headless Chromium, as it is, before a camera that plays a film. */
export interface CameraPage {
  readonly page: Page;
  /** What went wrong in the page: errors, and requests to other hosts. */
  readonly faults: readonly string[];
  /** What its loop did with each picture so far, once there are so many. */
  seen(pictures: number, timeout?: number): Promise<SeenPicture[]>;
  /** Bytes after a collection of garbage: JavaScript's objects, and the memories of WebAssembly. */
  memory(): Promise<{ readonly objects: number; readonly wasm: number }>;
  close(): Promise<void>;
}

/** Opens it. @param models the pose model's file, and the folder of MoveNet MultiPose. */
export async function openCameraPage(
  film: string,
  models: { readonly pose: string; readonly detectors: string },
): Promise<CameraPage> {
  const script = await bundleForBrowser('examples/guides/camera.ts', {
    'poseblocks/video': 'test/video/browser/observed.ts',
  });
  const wasm = readdirSync(WASM).filter((name) => name.endsWith('.wasm'));
  const server: PageServer = await servePage(script, {
    '/model.safetensors': models.pose,
    ...Object.fromEntries(
      ['json', 'bin'].map((end) => [`/movenet-multipose.${end}`, `${models.detectors}/movenet-multipose.${end}`]),
    ),
    ...Object.fromEntries(wasm.map((name) => [`/${name}`, `${WASM}/${name}`])),
  });
  const browser: Browser = await launchChromium('wasm', cameraFlags(film));
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(server.url).host) faults.push(`a request to ${host}`);
  });
  await page.addInitScript(keepMemories);
  await page.goto(server.url);
  const session = await page.context().newCDPSession(page);
  return {
    page,
    faults,
    async seen(pictures, timeout = 600_000) {
      const enough = (n: number): boolean => ((globalThis as unknown as { seen?: unknown[] }).seen?.length ?? 0) >= n;
      const failed = new Promise<never>((_, fail) => page.once('pageerror', (error) => fail(error)));
      await Promise.race([page.waitForFunction(enough, pictures, { timeout, polling: 500 }), failed]);
      return page.evaluate(() => (globalThis as unknown as { seen: SeenPicture[] }).seen);
    },
    memory: () => memoryOf(page, session),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Bytes after a collection of garbage; the page must have run {@link keepMemories} first. */
export async function memoryOf(page: Page, session: CDPSession): Promise<{ objects: number; wasm: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const wasm = await page.evaluate(
    () =>
    (globalThis as unknown as { memories: WebAssembly.Memory[] }).memories.reduce((n, { buffer }) => n + buffer.byteLength, 0), // prettier-ignore
  );
  return { objects: usedSize, wasm };
}

/** Runs in the page before all else: remembers every memory that is given to WebAssembly. */
export function keepMemories(): void {
  const memories: WebAssembly.Memory[] = [];
  const Plain = WebAssembly.Memory;
  WebAssembly.Memory = class extends Plain {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  Object.assign(globalThis, { memories });
}
