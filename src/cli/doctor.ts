import { readFile, writeFile } from 'node:fs/promises';
import { ADVICE, fixCoco, type Check, type Finding } from '../datasets';
import { contactSheet, doctor } from '../datasets/node';
import { isWhole, numberOption, readArguments, text } from './arguments';
import type { Command } from './command';
import { oneOf } from './options';

export const doctorUsage: string = `poseblocks doctor --annotations FILE [options]

Finds mistakes in keypoint annotations and their images, such as those that lead to an AP of zero. Reads COCO, MPII (JSON or .mat) and LSP.

  --images DIR              also check the image files
  --validation FILE         also find images that are in this validation set, or nearly equal to one of its images
  --validation-images DIR   folder of the validation images (default: --images)
  --sheet FILE.png          write a contact sheet of the worst findings, if there are any (needs --images)
  --fix FILE.json           write a COCO file in which every mistake with a single possible correction is fixed, and list the changes
  --format text|json        output format (default: text); --json is the same as --format json
  --examples N              findings shown per kind (default: 3)

Exit code 1 if a mistake was found that affects training or metrics.`;

/** The command `poseblocks doctor`. */
export const doctorCommand: Command = async (args, io) => {
  const { values } = readArguments('doctor', args, {
    annotations: text,
    images: text,
    validation: text,
    'validation-images': text,
    sheet: text,
    fix: text,
    format: text,
    examples: text,
  });
  if (values.help) {
    io.print(doctorUsage);
    return 0;
  }
  const { annotations, images, validation, sheet, fix } = values;
  const format = values.json ? 'json' : oneOf('doctor', values.format ?? 'text', ['text', 'json'], '--format');
  const examples = numberOption('doctor', '--examples', values.examples ?? '3', isWhole, 'a whole number')!;
  if (annotations === undefined) throw new Error('doctor: --annotations must name a file. Received: none. poseblocks doctor --help lists the options.'); // prettier-ignore
  if (sheet !== undefined && images === undefined)
    throw new Error('doctor: --sheet needs --images, the folder of the images.');
  if (fix !== undefined && fix === annotations) throw new Error('doctor: --fix must name a file other than --annotations.'); // prettier-ignore
  if (fix !== undefined && /\.(mat|gz)$/i.test(annotations)) throw new Error(`doctor: --fix works on COCO JSON files only. Received: ${annotations}.`); // prettier-ignore
  const validationImages = values['validation-images'];
  const diagnosis = await doctor({
    annotations,
    ...(images !== undefined && { images }),
    ...(validation !== undefined && { validation }),
    ...(validationImages !== undefined && { validationImages }),
  });
  const { findings, counts, keypointSet, sizes } = diagnosis;
  const mended = fix === undefined ? undefined : fixCoco(JSON.parse((await readFile(annotations, 'utf8')).replace(/^\uFEFF/, '')) as object, { sizes }); // prettier-ignore
  if (fix !== undefined && mended !== undefined) await writeFile(fix, JSON.stringify(mended.json));
  const shows = sheet !== undefined && images !== undefined && findings.length > 0;
  if (shows) await writeFile(sheet, await contactSheet({ ...diagnosis, images }));
  if (format === 'json') {
    const changes = mended && { changes: mended.changes };
    io.print(JSON.stringify({ counts, keypoints: keypointSet?.names ?? [], findings, ...changes }, null, 2));
  } else {
    for (const line of report(findings, counts, examples)) io.print(line);
    if (shows) io.print(`Contact sheet of the worst findings: ${sheet}`);
    if (mended !== undefined) {
      io.print(`${fix}: ${mended.changes.length} changes.`);
      for (const { check, id, message } of mended.changes) io.print(`  ${check}${id === undefined ? '' : `, annotation ${id}`}: ${message}`); // prettier-ignore
    }
  }
  return findings.some(({ severity }) => severity === 1) ? 1 : 0;
};

function report(
  findings: readonly Finding[],
  {
    images,
    annotations,
    labelled,
  }: { readonly images: number; readonly annotations: number; readonly labelled: number },
  examples: number,
): string[] {
  const lines = [`${images} images, ${annotations} annotations, ${labelled} persons with labelled keypoints.`];
  for (const check of Object.keys(ADVICE) as Check[]) {
    const found = findings.filter((finding) => finding.check === check);
    if (found.length === 0) continue;
    lines.push('', `${check}: ${found.length} (${ADVICE[check]})`);
    for (const { id, fileName, message } of found.slice(0, examples)) {
      const place = [id === undefined ? '' : `annotation ${id}`, fileName ?? ''].filter(Boolean).join(', ');
      lines.push(`  ${place && `${place}: `}${message}`);
    }
  }
  if (findings.length === 0) lines.push('', 'No mistakes found.');
  return lines;
}
