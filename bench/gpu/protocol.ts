/** What is measured: one pass of a network. The size is that of the images. */
export interface Case {
  readonly network: 'lpn-50' | 'hrnet-w32';
  readonly pass: 'inference' | 'training';
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** What a peer is asked: one line of JSON. `start` ends the case before. */
export type Request =
  | { readonly do: 'describe' }
  | ({ readonly do: 'start' } & Case)
  | { readonly do: 'run'; readonly engine: string; readonly seconds: number }
  | { readonly do: 'kernels' };

/** The peer's hardware and versions. */
export interface Description {
  readonly device: string;
  readonly software: boolean;
}

/** A case that is warm. */
export interface Started {
  /** The ways in which the peer can run the case. */
  readonly engines: readonly string[];
  readonly parameters: number;
  /** Milliseconds of the first call of each. */
  readonly first_ms: readonly number[];
}

/** Calls one after another, each of which waits for a number that the device computes last. */
export interface Calls {
  readonly ms: readonly number[];
  /** Of WebGPU: means per call. */
  readonly commands?: Commands;
}

/** What the processor does for the GPU. */
export interface Commands {
  /** Milliseconds until the call has handed everything to the GPU. */
  readonly encode_ms: number;
  readonly dispatches: number;
  readonly submits: number;
  readonly upload_bytes: number;
}

/** GPU time of a kind of kernel in one call. */
export interface Kernel {
  readonly program: string;
  readonly dispatches: number;
  readonly ms: number;
}
