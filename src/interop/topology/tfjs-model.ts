/** @internal A layer in the JSON form that tfjs-layers reads. */
export interface TfjsLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly unknown[];
}

/** @internal A model in that form: functional, or Sequential, which has layers only. */
export interface TfjsModel {
  readonly layers: readonly TfjsLayer[];
  readonly input_layers: readonly unknown[];
  readonly output_layers: readonly unknown[];
}

/** @internal Throws an error about a file. */
export type Fail = (what: string) => never;

export const isSequential = (kind: string): boolean => kind === 'Sequential';
export const isModel = (kind: string): boolean => kind === 'Model' || kind === 'Functional' || isSequential(kind);
