/** The engines that can be asked for; `'cuda'` is tfjs-node on a TensorFlow that sees an NVIDIA GPU. */
export type EngineName = 'cuda' | 'webgpu' | 'webgl' | 'tfjs-node' | 'wasm' | 'cpu';

export interface EngineOptions {
  /**
   * Threads of the wasm engine. Default: 1 in Node; in browsers what TensorFlow.js chooses when the page is cross-origin isolated.
   */
  readonly threads?: number;
  /**
   * URL of the folder that serves `tfjs-backend-wasm*.wasm`, in Node its path.
   * @defaultValue in a page what the bundler copied (webpack, Vite), else beside the script; in Node the installed package's
   */
  readonly wasmPaths?: string;
  /**
   * Pages: how the packages of these engines are loaded, since bundlers follow only imports that are written out:
   * `{ webgl: () => import('@tensorflow/tfjs-backend-webgl') }`. Not needed where the page imports the package by itself, nor in Node.
   */
  readonly packages?: { readonly [Name in 'webgl' | 'webgpu']?: () => Promise<unknown> };
  /**
   * wasm: whether convolutions by 3 × 3 at stride 1 take Winograd's form where it is faster. It rounds to 1e-5 of the outputs' deviation where the
   * direct form does to 2e-6; `'2x2'` takes the form alone that rounds as the direct one, `false` none.
   * @defaultValue true
   */
  readonly winograd?: boolean | '2x2';
  /** Whether `'auto'` may choose WebGPU on a software adapter (slower than wasm). @defaultValue false */
  readonly allowSoftwareAdapter?: boolean;
  /** Node: flags for Dawn, as `['backend=vulkan', 'adapter=NVIDIA']`. */
  readonly dawnFlags?: readonly string[];
}

/** What runs, where, and why it was chosen. Sizes are in bytes; `null` where the engine does not say. */
export interface EngineDescription {
  readonly name: EngineName;
  /** The name under which TensorFlow.js knows the engine (`tf.getBackend()`). */
  readonly backend: string;
  readonly device: string;
  readonly threads: number | null;
  /** Why this engine: asked for by name, or what `'auto'` found and passed over. */
  readonly reason: string;
  /** Most memory that all tensors together may take. */
  readonly memoryLimit: number | null;
  /** Most memory that one tensor may take. */
  readonly tensorLimit: number | null;
  /** Kernels for training convolutional networks that the engine lacks. */
  readonly missingKernels: readonly string[];
}

/** What a backend says of itself once it runs. */
export interface RunningBackend {
  readonly device: string;
  readonly threads: number | null;
  readonly memoryLimit: number | null;
  readonly tensorLimit: number | null;
}

/** One way to run tensors: a TensorFlow.js backend, and all it takes to bring it up and take it down. */
export interface Backend {
  readonly name: EngineName;
  /** Its name in TensorFlow.js. */
  readonly backend: string;
  /** Brings the backend up as the current one. Throws, with the remedy, where it cannot run, and leaves nothing behind. */
  start(options: EngineOptions): Promise<RunningBackend>;
  /** Calls `remove`, which removes the tfjs backend, and takes away what `start` put in place besides. */
  stop?(remove: () => void): void;
}
