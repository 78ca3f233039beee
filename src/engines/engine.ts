/** The names of the engines; `'cuda'` is tfjs-node with a TensorFlow that sees an NVIDIA GPU. */
export type EngineName = 'cuda' | 'webgpu' | 'webgl' | 'tfjs-node' | 'wasm' | 'cpu';

/** Options of {@link useEngine}. */
export interface EngineOptions {
  /**
   * Threads of the wasm engine. @defaultValue 1 in Node; in browsers TensorFlow.js's choice when the page is cross-origin isolated
   */
  readonly threads?: number;
  /**
   * URL of the folder with `tfjs-backend-wasm*.wasm`; in Node its path.
   * @defaultValue in a page the files that the bundler copied (webpack, Vite), otherwise beside the script; in Node those of the installed package
   */
  readonly wasmPaths?: string;
  /**
   * Import functions for the packages of these engines in pages, since bundlers follow only static imports:
   * `{ webgl: () => import('@tensorflow/tfjs-backend-webgl') }`. Not needed where the page imports the package itself, nor in Node.
   */
  readonly packages?: { readonly [Name in 'webgl' | 'webgpu']?: () => Promise<unknown> };
  /**
   * wasm: whether 3 × 3 convolutions with stride 1 use Winograd's algorithm where it is faster. Its rounding error is 1e-5 of the outputs' deviation, that of the
   * direct form 2e-6; `'2x2'` uses only the variant whose rounding equals the direct form's, `false` none.
   * @defaultValue true
   */
  readonly winograd?: boolean | '2x2';
  /** Whether `'auto'` may choose WebGPU on a software adapter (slower than wasm). @defaultValue false */
  readonly allowSoftwareAdapter?: boolean;
  /** Node: flags for Dawn, such as `['backend=vulkan', 'adapter=NVIDIA']`. */
  readonly dawnFlags?: readonly string[];
}

/** The running engine, its device, and the reason for the choice. Sizes are in bytes; `null` where the engine does not report them. */
export interface EngineDescription {
  readonly name: EngineName;
  /** TensorFlow.js's name of the engine (`tf.getBackend()`). */
  readonly backend: string;
  readonly device: string;
  readonly threads: number | null;
  /** The reason for this engine: requested by name, or the engines that `'auto'` found and skipped. */
  readonly reason: string;
  /** Maximum memory of all tensors together. */
  readonly memoryLimit: number | null;
  /** Maximum memory of one tensor. */
  readonly tensorLimit: number | null;
  /** Kernels for training convolutional networks that the engine lacks. */
  readonly missingKernels: readonly string[];
}

/** The properties of a running backend. */
export interface RunningBackend {
  readonly device: string;
  readonly threads: number | null;
  readonly memoryLimit: number | null;
  readonly tensorLimit: number | null;
}

/** One way to run tensors: a TensorFlow.js backend, and the functions that start and stop it. */
export interface Backend {
  readonly name: EngineName;
  /** Its name in TensorFlow.js. */
  readonly backend: string;
  /** Starts the backend and makes it current. Where it cannot run, throws an error with the fix, and leaves no changes. */
  start(options: EngineOptions): Promise<RunningBackend>;
  /** Calls `remove`, which removes the tfjs backend, and removes everything else that `start` added. */
  stop?(remove: () => void): void;
}
