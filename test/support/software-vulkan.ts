import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dlopen } from 'node:process';

/** Where Linux distributions put Chromium, whose package brings SwiftShader, a Vulkan driver made of software. */
const CHROMIUM_FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', '/opt/chromium'];

/**
 * Lets WebGPU in Node find Chromium's software Vulkan driver, unless the machine's own is named in VK_DRIVER_FILES.
 * To be called before the first WebGPU adapter of the process is asked for.
 */
export function offerSoftwareVulkan(): void {
  const folder = CHROMIUM_FOLDERS.find((path) => existsSync(driver(path)));
  if (process.platform !== 'linux' || folder === undefined || existsSync('/dev/nvidia0')) return;
  process.env['VK_DRIVER_FILES'] ??= driver(folder);
  if (process.env['VK_DRIVER_FILES'] === driver(folder)) preload(`${folder}/libvulkan.so.1`);
}

function driver(folder: string): string {
  return `${folder}/vk_swiftshader_icd.json`;
}

/** Loads a library that is outside the loader's search path, for a later dlopen by its plain name to find. */
function preload(library: string): void {
  const keepLoaded = 0x1000; // RTLD_NODELETE: Node unloads what turns out to be no addon
  try {
    dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY | keepLoaded);
  } catch {
    // "Module did not self-register" is expected; a library that is truly absent shows as a missing adapter.
  }
}
