import { fill, h } from '../dom';
import type { OpenModel } from '../open-model';

export type ChosenHeatmap = number | 'all' | undefined;

/** Whose heatmap is drawn over the picture: of one keypoint, of all, or of none. */
export function heatmapChoice(changed: () => void): {
  readonly element: HTMLSelectElement;
  readonly chosen: () => ChosenHeatmap;
  /** Takes the keypoints of the model that is looking now, and keeps the choice where it has one of that name. */
  readonly follow: (model: OpenModel) => void;
} {
  const element = h('select', { 'data-choice': 'heatmap', onchange: changed });
  let names: readonly string[] = [];
  let following: OpenModel | undefined;
  const fillIn = (): void =>
    fill(
      element,
      h('option', { value: '' }, 'None'),
      h('option', { value: 'all' }, 'All keypoints'),
      names.map((name, k) => h('option', { value: k }, name.replaceAll('_', ' '))),
    );
  fillIn();
  return {
    element,
    chosen: () => {
      if (element.disabled || element.value === '') return undefined;
      return element.value === 'all' ? 'all' : Number(element.value);
    },
    follow(model) {
      if (model === following) return;
      following = model;
      const { value } = element;
      const name = names[Number(value)];
      names = model.keypointSet.names;
      fillIn();
      const k = name === undefined ? -1 : names.indexOf(name);
      element.value = value === 'all' ? 'all' : k < 0 ? '' : String(k);
      // An ONNX file gives what it gives, and its heatmaps stay within onnxruntime.
      element.disabled = model.model === undefined;
      element.title = element.disabled ? 'Pose models (.safetensors) have heatmaps to see; ONNX files give keypoints.' : ''; // prettier-ignore
    },
  };
}
