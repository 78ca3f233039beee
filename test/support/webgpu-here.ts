/** Says whether WebGPU runs in Node here: exits with 0, or prints why not. A driver that fails takes this process with it, not the gate. */
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { offerSoftwareVulkan } from './software-vulkan';

offerSoftwareVulkan();
useEngine('webgpu').then(
  () => {
    disposeEngine();
    process.exit(0);
  },
  (error: Error) => {
    console.error(error.message.split('\n')[0]);
    process.exit(1);
  },
);
