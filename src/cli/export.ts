import { formatEngine, useEngine } from '../engines';
import { exportFile, EXPORT_FORMATS, type ExportReport } from '../inference/node';
import { flag, readArguments, text } from './arguments';
import type { Command } from './command';
import { ENGINES } from './engines';
import { oneOf } from './options';

export const exportUsage: string = `poseblocks export MODEL --to ${EXPORT_FORMATS.join('|')} [options]

Converts a pose model for other software, runs the result on synthetic people, and prints how far it differs from the model.

  MODEL                     a pose model (.safetensors), or the folder of a run
  --to onnx                 ONNX; the check needs onnxruntime-node
  --to keras                .keras file for Keras 3
  --to torch                .pth, a state dict for torch.load
  --to tfjs                 model.json and weights.bin for loadLayersModel
  --out FILE|DIR            output path (default: beside the model)
  --float16                 store weights as float16; not for keras
  --int8                    onnx: store weights as int8 with a scale per channel
  --decode                  onnx: output keypoints [N, K, 3]
  --normalize               onnx: take RGB values from 0 to 255 as input
  --layout nhwc|nchw        onnx: channels last or first (default: nhwc)
  --no-check                do not run the result
  --engine NAME             ${ENGINES.join(', ')} (default: auto)
  --json                    print the report as JSON

Exit code 1 if the result differs by more than rounding.`;

/** The command `poseblocks export`. */
export const exportCommand: Command = async (args, io) => {
  const options = {
    to: text,
    out: text,
    float16: flag,
    int8: flag,
    decode: flag,
    normalize: flag,
    layout: text,
    'no-check': flag,
    engine: text,
  } as const;
  const { values, positionals } = readArguments('export', args, options, 1);
  if (values.help) {
    io.print(exportUsage);
    return 0;
  }
  const [model] = positionals;
  if (model === undefined || values.to === undefined) {
    throw new Error(
      `export: MODEL and --to must be given. Received: ${model ?? 'no model'}. poseblocks export --help lists the options.`,
    );
  }
  if (values.int8 && values.float16)
    throw new Error('export: --int8 and --float16 exclude each other. Received: both.');
  const to = oneOf('export', values.to, EXPORT_FORMATS, '--to');
  const layout = values.layout && oneOf('export', values.layout, ['nhwc', 'nchw'] as const, '--layout');
  const engine = await useEngine(oneOf('export', values.engine ?? 'auto', ENGINES, '--engine'));
  if (!values.json) io.warn(formatEngine(engine));
  const report = await exportFile(model, {
    to,
    weights: values.int8 ? 'int8' : values.float16 ? 'float16' : 'float32',
    decode: values.decode,
    normalize: values.normalize,
    check: !values['no-check'],
    ...(layout && { layout }),
    ...(values.out !== undefined && { out: values.out }),
  });
  io.print(values.json ? JSON.stringify(report, null, 2) : told(report));
  return report.check?.passed === false ? 1 : 0;
};

function told({ files, bytes, check }: ExportReport): string {
  const size = `${files.join(', ')}: ${(bytes / 1e6).toFixed(2)} MB`;
  if (check === undefined) return `${size}, not checked.`;
  const { by, outputs, keypoints, limit, passed } = check;
  const moved = `by at most ${keypoints.toFixed(4)} pixels of the input`;
  const differences =
    outputs === undefined
      ? `keypoints differ ${moved}`
      : `outputs differ by at most ${outputs.toExponential(1)} of their standard deviation, keypoints ${moved}`;
  return `${size}. Run by ${by}: ${differences}${passed ? '' : `, which is more than ${limit}`}.`;
}
