import { backend as currentBackend } from '@tensorflow/tfjs-core';
import { activate } from '../activate';
import type { Backend } from '../engine';
import { loadPackage } from './load-package';

const PACKAGE = '@tensorflow/tfjs-backend-webgl';

/** WebGL: in browsers only, on any GPU. */
export const webgl: Backend = {
  name: 'webgl',
  backend: 'webgl',
  async start(options) {
    if (typeof document === 'undefined' && typeof OffscreenCanvas === 'undefined') {
      throw new Error("useEngine('webgl'): needs a browser. In Node use 'webgpu', 'tfjs-node' or 'wasm'.");
    }
    await loadPackage('webgl', PACKAGE, options.packages?.webgl);
    await activate(
      'webgl',
      "useEngine('webgl'): the browser provides no WebGL context, or one without float textures.",
    );
    const gl = (currentBackend() as unknown as { getGPGPUContext(): { gl: WebGLRenderingContext } }).getGPGPUContext()
      .gl;
    const names = gl.getExtension('WEBGL_debug_renderer_info');
    const side = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    return {
      device: String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
      threads: null,
      memoryLimit: null,
      tensorLimit: side * side * 16, // a texture with four float32 per texel
    };
  },
};
