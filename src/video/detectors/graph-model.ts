import type { Tensor } from '@tensorflow/tfjs-core';

/** The used parts of a `GraphModel` of `@tensorflow/tfjs-converter`, the result of `loadGraphModel`. */
export interface DetectorModel {
  readonly inputs: readonly { readonly shape?: readonly number[]; readonly dtype: string }[];
  execute(input: Tensor, outputs?: string | string[]): Tensor | Tensor[];
}

/** Runs the model on an input, which is then freed, and reads its outputs. */
export async function outputsOf(
  where: string,
  model: DetectorModel,
  input: Tensor,
): Promise<{ readonly shape: readonly number[]; readonly values: Float32Array }[]> {
  let outputs: Tensor[];
  try {
    outputs = [model.execute(input)].flat();
  } catch (cause) {
    throw new RangeError(
      `${where}: the model must accept the input of this detector, [${input.shape.join(', ')}] ${input.dtype}. Received: ${(cause as Error).message}`,
      { cause },
    );
  } finally {
    input.dispose();
  }
  const read = await Promise.all(outputs.map(async (output) => (await output.data()) as Float32Array));
  return outputs.map((output, i) => {
    const { shape } = output;
    output.dispose();
    return { shape, values: read[i]! };
  });
}

export function checkModel(where: string, model: DetectorModel): void {
  if (typeof model?.execute !== 'function' || !Array.isArray(model.inputs)) {
    throw new TypeError(
      `${where}: model must be a graph model. Received: ${String(model)}. Load one: await loadGraphModel(url) of @tensorflow/tfjs-converter.`,
    );
  }
}
