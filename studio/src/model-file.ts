import { addModel, type Entry } from './catalogue';
import { engine } from './engine';

/** Keeps a model's file in the browser; a file that does not open, or does not say what its keypoints are, is not kept. */
export async function addModelFile(file: File): Promise<Entry> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const kind = /\.onnx$/i.test(file.name) ? 'onnx' : 'safetensors';
  try {
    await (kind === 'onnx' ? checkOnnx(bytes) : checkPoseModel(bytes));
  } catch (cause) {
    throw new Error(`${file.name} does not open. ${(cause as Error).message}`, { cause });
  }
  return addModel(file.name.replace(/\.\w+$/, ''), kind, bytes);
}

async function checkOnnx(bytes: Uint8Array): Promise<void> {
  const [{ onnxMetadata }, { hasRecords }] = await Promise.all([
    import('poseblocks/interop'),
    import('poseblocks/models'),
  ]);
  if (hasRecords(onnxMetadata(bytes))) return;
  throw new Error('It does not say what its keypoints are: export it from a pose model, whose metadata does.');
}

async function checkPoseModel(bytes: Uint8Array): Promise<void> {
  await engine();
  const { loadPoseModel } = await import('poseblocks/models');
  (await loadPoseModel(bytes)).network.dispose();
}
