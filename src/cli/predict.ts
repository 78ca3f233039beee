import { formatEngine, useEngine } from '../engines';
import { DETECTOR_KINDS, predictFiles, type PredictReport } from '../video/node';
import { flag, isCount, isPositive, isShare, isWhole, numberOption, readArguments, text } from './arguments';
import type { Command } from './command';
import { ENGINES } from './engines';
import { oneOf } from './options';
import { progressBar } from './progress';

export const predictUsage: string = `poseblocks predict MODEL IMAGE|DIR|GLOB|VIDEO … [options]

Finds the keypoints of people in images and videos. Writes COCO results, the images with the poses drawn on them, and a contact sheet.

  MODEL                     a pose model (.safetensors), the folder of a run, or an ONNX file from poseblocks export
  IMAGE|DIR|GLOB|VIDEO      one or more; videos need ffmpeg
  --boxes FILE              boxes of people: COCO annotations, or a list of detections (default: the whole image)
  --annotations FILE        annotations with the images that a list of detections refers to by id
  --detector FILE           a detector that finds the boxes: a YOLO .onnx, or the model.json of MoveNet MultiPose or NanoDet
  --detector-kind NAME      ${DETECTOR_KINDS.join(', ')} (default: recognised from the file)
  --min-score S             skip detected boxes with a lower score
  --flip-test               average with the prediction for the mirrored image
  --batch N                 people per run of the network (default: 16)
  --overlay png|svg|none    format of the images with drawn poses (default: png)
  --threshold T             do not draw keypoints of lower confidence (default: 0.2)
  --sheet N                 images on the contact sheet (default: 24; 0: no sheet)
  --fps N                   frames per second of a video to use (default: all)
  --detect-every N          the detector runs in every n-th image of a video (default: about three times in a second of the video)
  --out DIR                 folder for results.json, images.json, sheet.png and overlays/ (default: predictions)
  --engine NAME             ${ENGINES.join(', ')} (default: auto)
  --json                    print the report as JSON
  --quiet                   no progress bar

Exit code 1 if an image could not be read, or has no entry in --boxes.`;

/** The command `poseblocks predict`. */
export const predictCommand: Command = async (args, io) => {
  const options = {
    boxes: text,
    annotations: text,
    detector: text,
    'detector-kind': text,
    'min-score': text,
    'flip-test': flag,
    batch: text,
    overlay: text,
    threshold: text,
    sheet: text,
    fps: text,
    'detect-every': text,
    out: text,
    engine: text,
    quiet: flag,
  } as const;
  const { values, positionals } = readArguments('predict', args, options, Infinity);
  if (values.help) {
    io.print(predictUsage);
    return 0;
  }
  const [model, ...sources] = positionals;
  if (model === undefined || sources.length === 0) {
    throw new Error(
      `predict: a model and an image, folder, pattern or video must be given. Received: ${model ?? 'neither'}. poseblocks predict --help lists the options.`,
    );
  }
  const number = (option: keyof typeof values, holds: (value: number) => boolean, what: string): number | undefined =>
    numberOption('predict', `--${option}`, values[option] as string | undefined, holds, what);
  const kind = values['detector-kind'];
  const overlay = oneOf('predict', values.overlay ?? 'png', ['png', 'svg', 'none'] as const, '--overlay');
  const asked = {
    boxes: values.boxes,
    annotations: values.annotations,
    detector: values.detector,
    detectorKind: kind === undefined ? undefined : oneOf('predict', kind, DETECTOR_KINDS, '--detector-kind'),
    minScore: number('min-score', isShare, 'from 0 to 1'),
    batchSize: number('batch', isCount, 'a whole number from 1'),
    threshold: number('threshold', isShare, 'from 0 to 1'),
    sheet: number('sheet', isWhole, 'a whole number'),
    fps: number('fps', isPositive, 'a number above 0'),
    detectEvery: number('detect-every', isCount, 'a whole number from 1'),
  };
  const engine = await useEngine(oneOf('predict', values.engine ?? 'auto', ENGINES, '--engine'));
  if (!values.json) io.warn(formatEngine(engine));
  const bar = await progressBar('images', values.quiet || values.json);
  try {
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const report = await predictFiles({
      ...given,
      model,
      sources,
      out: values.out ?? 'predictions',
      flipTest: values['flip-test'],
      overlay: overlay === 'none' ? false : overlay,
      onProgress: bar.update,
    });
    bar.stop();
    if (values.json) io.print(JSON.stringify(report, null, 2));
    else for (const line of told(report)) io.print(line);
    for (const { path, reason } of values.json ? [] : report.skipped) io.warn(`${path} is skipped: ${reason}`);
    return report.skipped.length > 0 ? 1 : 0;
  } finally {
    bar.stop();
  }
};

function told({ pictures, people, results, sheet, overlays, seconds }: PredictReport): string[] {
  const written = [results, overlays, sheet].filter((path) => path !== undefined).join(', ');
  return [`${people} people in ${pictures} images, ${seconds.toFixed(1)} s: ${written}`];
}
