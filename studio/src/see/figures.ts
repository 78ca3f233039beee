import * as tf from '@tensorflow/tfjs-core';
import { detection } from '../detector';
import { fill, h } from '../dom';
import type { OpenModel } from '../open-model';

/** What has been seen since the source began. */
export interface Counts {
  frames: number;
  dropped: number;
  /** Pictures a second; 0 where it is not known yet. */
  fps: number;
  people: number;
}

/** The figures beside the picture. */
export function figureList(): {
  readonly element: HTMLElement;
  readonly report: (counts: Counts, model?: OpenModel) => void;
} {
  const element = h('dl', { class: 'stats' });
  const ms = (value: number | undefined): string => (value ? `${value.toFixed(1)} ms` : '–');
  const report = ({ fps, people, frames, dropped }: Counts, model?: OpenModel): void => {
    const counted = (value: number): string => (model ? String(value) : '–');
    const rows: [key: string, label: string, value: string][] = [
      ['fps', 'Pictures a second', fps > 0 ? fps.toFixed(1) : '–'],
      ['people', 'People', counted(people)],
      ['network', 'Network', ms(model?.timing.network)],
      ['crop', 'Crop', ms(model?.timing.crop)],
      ['decode', 'Decode', ms(model?.timing.decode)],
      ['detector', 'Detector, last run', ms(detection.ms)],
      ['frames', 'Pictures', counted(frames)],
      ['dropped', 'Passed over', counted(dropped)],
      ['tensors', 'Tensors', counted(model ? tf.memory().numTensors : 0)],
    ];
    if (element.children.length === 0) {
      fill(
        element,
        rows.map(([key, label]) => h('div', {}, h('dt', {}, label), h('dd', { 'data-stat': key }))),
      );
    }
    rows.forEach(([, , value], i) => (element.children[i]!.lastElementChild!.textContent = value));
  };
  return { element, report };
}
