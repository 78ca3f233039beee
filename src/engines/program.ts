import { engine, getBackend, getKernel, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';

/** @internal A filter's size and steps, and how far its first window extends beyond the map. */
export interface Window {
  readonly filter: readonly [height: number, width: number];
  readonly stride: number;
  readonly dilation: number;
  readonly pad: readonly [top: number, left: number];
}

/** @internal 0 nothing, 1 relu. */
export type ProgramActivation = 0 | 1;

/**
 * @internal The operation of a step, on maps [N, H, W, C] named by the steps that compute them and on constants named in the program's
 * inputs. A `row` is a map [N, 1, 1, C], added to every pixel of its image.
 */
export type ProgramOperation =
  | {
      readonly kind: 'conv';
      readonly x: string;
      /** Packed by `packFilter`. */
      readonly filter: string;
      readonly bias: string;
      readonly row?: string;
      readonly more?: string;
      readonly activation: ProgramActivation;
      readonly window: Window;
    }
  /** A pointwise convolution to one channel; `filter` is not packed. */
  | { readonly kind: 'dots'; readonly x: string; readonly filter: string; readonly bias: string }
  | {
      readonly kind: 'depthwise';
      readonly x: string;
      readonly filter: string;
      readonly bias: string;
      readonly activation: ProgramActivation;
      readonly window: Window;
    }
  /** A depthwise convolution's input gradient, used as a forward pass; the window is that of the convolution. */
  | {
      readonly kind: 'depthwiseTranspose';
      readonly x: string;
      readonly filter: string;
      readonly bias: string;
      readonly activation: ProgramActivation;
      readonly window: Window;
    }
  | { readonly kind: 'maxPool'; readonly x: string; readonly window: Window }
  | { readonly kind: 'attentionPool'; readonly x: string; readonly logits: string }
  | {
      readonly kind: 'layerNorm';
      readonly x: string;
      readonly scale: string;
      readonly offset: string;
      readonly epsilon: number;
    }
  | {
      readonly kind: 'sum';
      readonly x: string;
      readonly row?: string;
      readonly more?: string;
      readonly activation: ProgramActivation;
    }
  | {
      readonly kind: 'affine';
      readonly x: string;
      readonly scale: string;
      readonly offset: string;
      readonly activation: ProgramActivation;
    }
  | { readonly kind: 'relu'; readonly x: string }
  | { readonly kind: 'activation'; readonly x: string; readonly activation: 'sigmoid' | 'silu' | 'tanh' }
  /** A map times another map, or times a row. */
  | { readonly kind: 'multiply'; readonly x: string; readonly by: string }
  /** Bilinear resizing; output i reads position scale·(i + offset) − offset. */
  | {
      readonly kind: 'resize';
      readonly x: string;
      readonly scale: readonly [vertical: number, horizontal: number];
      readonly offset: number;
    }
  | { readonly kind: 'mean'; readonly x: string }
  | { readonly kind: 'concat'; readonly parts: readonly string[] }
  /** Depth-to-space: four maps as the sub-pixels of a map of twice the height and width. */
  | { readonly kind: 'interleave'; readonly parts: readonly string[] }
  | { readonly kind: 'upsample'; readonly x: string; readonly size: number }
  /** A slice of the channels. */
  | { readonly kind: 'channels'; readonly x: string; readonly from: number }
  /** Channel i of group g becomes channel g of group i. */
  | { readonly kind: 'shuffle'; readonly x: string; readonly groups: number };

/** @internal A map without its batch. */
export interface ProgramMap {
  readonly name: string;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** @internal */
export interface ProgramStep extends ProgramMap {
  readonly op: ProgramOperation;
}

/** @internal Several steps that an engine runs in one call. */
export interface Program {
  readonly inputs: readonly ProgramMap[];
  readonly steps: readonly ProgramStep[];
  readonly outputs: readonly string[];
}

/** @internal The maps and constants that a step reads. */
export function readsOf({ op }: ProgramStep): string[] {
  const names = Object.entries(op).filter(([key]) => !['kind', 'parts', 'activation'].includes(key));
  const parts = 'parts' in op ? op.parts : [];
  return [...parts, ...names.map(([, value]) => value as unknown).filter((value) => typeof value === 'string')];
}

/** @internal Whether a convolution reads pixel i for pixel i. */
export function isPointwise({ filter, stride }: Window, from: ProgramMap['shape'], to: ProgramMap['shape']): boolean {
  return filter[0] === 1 && filter[1] === 1 && stride === 1 && from[0] === to[0] && from[1] === to[1];
}

/** @internal The place of a convolution: its window and the maps that it reads and writes. */
export interface Placement {
  readonly window: Window;
  readonly from: ProgramMap['shape'];
  readonly to: ProgramMap['shape'];
  readonly precision: ProgramPrecision;
}

/** @internal The number type of products: `int16` uses 16-bit integers, where the engine supports them, with 32-bit sums. */
export type ProgramPrecision = 'float32' | 'int16';

/**
 * @internal A filter [h, w, in, out] in the layout of the engine's programs for one place; undefined where the engine runs no programs. Its shape tells the engine
 * how it is packed.
 */
export function packFilter(filter: Tensor4D, placement?: Placement): Tensor | undefined {
  if (!getKernel('PackFilter', getBackend())) return undefined;
  const packed = engine().runKernel(
    'PackFilter',
    { filter },
    placement ? { placement: placement as never } : {},
  ) as Tensor;
  if (packed.rank < 4) return packed;
  packed.dispose();
  return undefined;
}

/** @internal The outputs of a program; `values` are its inputs and constants by name. */
export function runProgram(program: Program, values: Readonly<Record<string, Tensor>>): Tensor[] {
  return engine().runKernel('RunProgram', values, { program: program as never }) as Tensor[];
}
