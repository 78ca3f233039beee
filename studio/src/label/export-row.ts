import { trained, type Entry } from '../catalogue';
import { download, fill, h } from '../dom';
import { engine } from '../engine';
import { attempt } from '../notice';
import { toCoco, type Project } from '../project';
import { setting } from '../settings';

/** What can be taken along: the trained model, once there is one, and the labels. */
export function exportRow(project: Project): { readonly element: HTMLElement; readonly offer: () => void } {
  const element = h('div', { class: 'row' });
  const button = (name: string, onclick: () => void): HTMLElement => h('button', { type: 'button', onclick }, name);
  const offer = (): void => {
    const model = trained();
    const labels = (): void => download(`${project.plan.name}.json`, JSON.stringify(toCoco(project)));
    fill(element, ...(model ? ofModel(model) : []), button('Labels as COCO JSON', labels));
  };
  const ofModel = (model: Entry): HTMLElement[] => [
    button('Try on the camera', () => {
      setting<string>('model.see', '').value = model.id;
      location.hash = 'see';
    }),
    button('Pose model', () => attempt(async () => download(`${model.name}.safetensors`, await model.bytes()))),
    button('ONNX', () => attempt(async () => download(`${model.name}.onnx`, await onnxOf(model)))),
  ];
  offer();
  return { element, offer };
}

async function onnxOf(entry: Entry): Promise<Uint8Array> {
  const [{ exportOnnx }, { loadPoseModel }] = await Promise.all([
    import('poseblocks/interop'),
    import('poseblocks/models'),
  ]);
  await engine();
  const model = await loadPoseModel(await entry.bytes());
  try {
    return await exportOnnx(model);
  } finally {
    model.network.dispose();
  }
}
