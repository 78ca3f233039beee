import type { LayersModel } from '@tensorflow/tfjs-layers';
import { walk } from 'poseblocks/graph';
import { PALETTE, escapeText } from 'poseblocks/visualize';

/** Consecutive layers at one resolution. */
export interface Stage {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  channels: number;
  layers: number;
  params: number;
}

/** A network's layers by stages: a new one where the resolution changes, or where the first part of the layers' names does. */
export function stagesOf(network: LayersModel): Stage[] {
  const stages: Stage[] = [];
  for (const { name, outputShapes, weights, shared } of walk(network).nodes) {
    const [height, width, channels] = outputShapes[0] ?? [];
    const params = shared ? 0 : weights.reduce((sum, { size }) => sum + size, 0);
    const last = stages.at(-1);
    if (height == null || width == null || channels == null) {
      if (last) last.params += params;
      continue;
    }
    const part = name.split(/[./]/)[0]!;
    if (last !== undefined && last.height === height && last.width === width && (last.name === part || params === 0)) {
      last.layers++;
      last.params += params;
      last.channels = Math.max(last.channels, channels);
    } else stages.push({ name: part, height, width, channels, layers: 1, params });
  }
  return stages;
}

/** The stages from left to right: as high as their maps are, as wide as they have layers, as dark as they have channels. */
export function networkSvg(network: LayersModel, title: string): string {
  const stages = joined(stagesOf(network));
  const highest = Math.max(...stages.map(({ height }) => height));
  const gap = 6;
  const widths = stages.map(({ layers }) => 14 + 9 * Math.sqrt(layers));
  const total = widths.reduce((sum, width) => sum + width + gap, gap);
  const tall = 190;
  const most = Math.max(...stages.map(({ channels }) => channels));
  let x = gap;
  const parts = stages.map((stage, i) => {
    const { height, width, channels, layers, params, name } = stage;
    const size = Math.max(10, tall * (Math.log2(height + 1) / Math.log2(highest + 1)) ** 2);
    const color = PALETTE[[...new Set(stages.map((each) => each.name))].indexOf(name) % PALETTE.length]!;
    const about = `${name}: ${width} × ${height}, ${channels} channels, ${layers} layers, ${count(params)} parameters`;
    const rect = `<rect x="${x.toFixed(1)}" y="${((tall - size) / 2 + 8).toFixed(1)}" width="${widths[i]!.toFixed(1)}" height="${size.toFixed(1)}" rx="3" fill="${color}" fill-opacity="${(0.35 + 0.65 * (channels / most)).toFixed(2)}"><title>${escapeText(about)}</title></rect>`;
    x += widths[i]! + gap;
    return rect;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.toFixed(0)} ${tall + 16}" role="img" aria-label="${escapeText(title)}" class="network"><title>${escapeText(title)}</title>${parts.join('')}</svg>`;
}

/** At most eighty, by joining neighbours of one resolution. */
function joined(stages: Stage[]): Stage[] {
  const out: Stage[] = [];
  for (const stage of stages) {
    const last = out.at(-1);
    if (stages.length > 80 && last && last.height === stage.height && last.width === stage.width) {
      last.layers += stage.layers;
      last.params += stage.params;
      last.channels = Math.max(last.channels, stage.channels);
    } else out.push({ ...stage });
  }
  return out;
}

/** 2,892,369 → 2.89 M. */
export function count(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value >= 1e3 ? `${(value / 1e3).toFixed(1)} k` : String(value);
}
