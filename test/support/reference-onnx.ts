import { readOnnx, type StateTensor } from 'poseblocks/interop';

/** `/layer1/layer1.0/downsample/downsample.0/Conv` is module `layer1.0.downsample.0`: of each step only the deepest name is kept. */
function moduleOf(name: string): string {
  const steps = name.split('/').slice(1, -1);
  return steps.filter((step, i) => !steps[i + 1]?.startsWith(`${step}.`)).join('.');
}

/**
 * The state dict of PyTorch's own export of LPN-50, whose normalisations were folded into the convolutions before them: those come back as ones that only
 * add the folded bias.
 */
export function referenceState(bytes: Uint8Array): Record<string, StateTensor> {
  const { tensors, nodes } = readOnnx(bytes);
  const same = new Map(
    nodes.filter(({ type }) => type === 'Identity').map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]),
  );
  const tensor = (name: string): StateTensor => tensors[same.get(name) ?? name]!;
  const state: Record<string, StateTensor> = {};
  const filled = (count: number, value: number): StateTensor => ({
    shape: [count],
    data: new Float32Array(count).fill(value),
  });

  for (const { type, name, inputs } of nodes) {
    const path = moduleOf(name);
    if (type === 'BatchNormalization') {
      ['weight', 'bias', 'running_mean', 'running_var'].forEach(
        (key, i) => (state[`${path}.${key}`] = tensor(inputs[i + 1]!)),
      );
    }
    if (type !== 'Conv' && type !== 'ConvTranspose') continue;
    state[`${path}.weight`] = tensor(inputs[1]!);
    if (inputs[2] === undefined) continue;
    const bias = tensor(inputs[2]);
    const biased = /conv_mask$|channel_add_conv\.\d$|final_layer$/.test(path);
    if (biased) {
      state[`${path}.bias`] = bias;
      continue;
    }
    const norm = path
      .replace(/conv(\d)$/, 'bn$1')
      .replace(/(downsample|deconv_layers)\.(\d+)$/, (_, list, i) => `${list}.${Number(i) + 1}`);
    const count = bias.data.length;
    state[`${norm}.weight`] = filled(count, Math.sqrt(1 + 1e-5));
    state[`${norm}.bias`] = bias;
    state[`${norm}.running_mean`] = filled(count, 0);
    state[`${norm}.running_var`] = filled(count, 1);
  }
  for (const name of [...Object.keys(tensors), ...same.keys()]) {
    if (/channel_add_conv\.1\.(weight|bias)$/.test(name)) state[name] = tensor(name);
  }
  return state;
}
