import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { knownOptions } from '../../bytes';
import { exportKeras, exportOnnx, exportTfjs, stateDict, writePth } from '../../interop';
import { loadPoseModelFile } from '../../models/node';
import type { PoseModel } from '../../models';
import { checkExport, type ExportCheck } from './export-check';

/** Formats that {@link exportFile} writes. */
export const EXPORT_FORMATS = ['onnx', 'keras', 'torch', 'tfjs'] as const;
/** Formats that {@link exportFile} writes. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Options of {@link exportFile}. */
export interface ExportFileOptions {
  /** Format of the file. */
  readonly to: ExportFormat;
  /** Path of the file, or of the folder for tfjs. @defaultValue beside the model, with the format's extension */
  readonly out?: string;
  /** Type of the stored weights. keras files store float32; int8 is for onnx. @defaultValue 'float32' */
  readonly weights?: 'float32' | 'float16' | 'int8';
  /** Decoding in the graph, where the codec's rule can be compiled: the output is keypoints [N, K, 3]. ONNX only. @defaultValue false */
  readonly decode?: boolean;
  /** Normalisation in the graph: the input is RGB from 0 to 255. ONNX only. @defaultValue false */
  readonly normalize?: boolean;
  /** Channels last or first. ONNX only. @defaultValue 'nhwc' */
  readonly layout?: 'nhwc' | 'nchw';
  /** Runs the exported file and compares it with the model. @defaultValue true */
  readonly check?: boolean;
}

/** The result of {@link exportFile}. */
export interface ExportReport {
  readonly to: ExportFormat;
  readonly files: readonly string[];
  /** Bytes of all files together. */
  readonly bytes: number;
  readonly check?: ExportCheck;
}

const KNOWN = ['to', 'out', 'weights', 'decode', 'normalize', 'layout', 'check'] as const;
const ENDINGS = { onnx: '.onnx', keras: '.keras', torch: '.pth', tfjs: '-tfjs' } as const;

/**
 * Exports a pose model for other software, runs the exported file, and reports its difference from the model.
 *
 * @param model a pose model's file, or the folder of a run.
 * @throws RangeError for options that the format lacks, or a layer or codec that it cannot hold; Error naming the path that cannot be read or written.
 * @example const { files, check } = await exportFile('out/lpn-50', { to: 'onnx', weights: 'float16', decode: true });
 */
export async function exportFile(model: string, options: ExportFileOptions): Promise<ExportReport> {
  const { to, weights = 'float32', check = true } = knownOptions('exportFile', options, KNOWN);
  if (!EXPORT_FORMATS.includes(to))
    throw new RangeError(`exportFile: to must be one of ${EXPORT_FORMATS.join(', ')}. Received: ${String(to)}.`);
  const only = (['decode', 'normalize', 'layout'] as const).find((name) => options[name] !== undefined && options[name] !== false); // prettier-ignore
  if (to !== 'onnx' && only !== undefined)
    throw new RangeError(`exportFile: ${only} is for onnx. Received: ${to}, whose files hold the network alone.`);
  if (to === 'keras' && weights !== 'float32')
    throw new RangeError(
      `exportFile: keras files store float32. Received: ${weights}. Convert in Keras, or export to onnx.`,
    );
  if (to !== 'onnx' && weights === 'int8')
    throw new RangeError(`exportFile: int8 weights are for onnx. Received: ${to}. Use float16, or save a pose model with int8.`); // prettier-ignore
  const opened = await loadPoseModelFile(model);
  try {
    const path = options.out ?? `${named(model)}${ENDINGS[to]}`;
    await mkdir(dirname(path), { recursive: true });
    const files = Object.entries(await written(opened, path, options));
    for (const [file, bytes] of files) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    const checked = check ? { check: await checkExport(opened, to, path, weights) } : {};
    const bytes = files.reduce((sum, [, { length }]) => sum + length, 0);
    return { to, files: files.map(([file]) => file), bytes, ...checked };
  } finally {
    opened.network.dispose();
  }
}

/** The name of a run's folder, where one is given; otherwise that of the file without its extension, beside it. */
function named(model: string): string {
  const plain = model.replace(/[\\/]+$/, '');
  return extname(plain) === '.safetensors' ? join(dirname(plain), basename(plain, '.safetensors')) : join(plain, basename(plain)); // prettier-ignore
}

async function written(
  model: PoseModel,
  path: string,
  { to, weights = 'float32', decode = false, normalize = false, layout = 'nhwc' }: ExportFileOptions,
): Promise<Record<string, Uint8Array>> {
  if (to === 'onnx') return { [path]: await exportOnnx(model, { weights, decode, normalize, layout }) };
  if (to === 'keras') return { [path]: await exportKeras(model) };
  if (to === 'torch')
    return { [path]: writePth(await stateDict(model.network), { dtype: weights as 'float32' | 'float16' }) };
  const files = await exportTfjs(model, { weights: weights as 'float32' | 'float16' });
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [join(path, name), bytes]));
}
