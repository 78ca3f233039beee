import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ADVICE, type Check, type Finding } from '../datasets';
import { contactSheet, doctor } from '../datasets/node';
import type { Command } from './command';

export const doctorUsage: string = `poseblocks doctor --annotations FILE [options]

Finds the mistakes in COCO keypoint annotations that give zero AP, and in their images.

  --images DIR              looks at the image files as well
  --validation FILE         finds images that are also in this validation set
  --validation-images DIR   (default: --images)
  --sheet FILE.png          a contact sheet of the worst findings (needs --images)
  --format text|json        (default: text)
  --examples N              findings shown of each kind (default: 3)

Exit code 1 when something that spoils training or the figures was found.`;

/** The command `poseblocks doctor`. */
export const doctorCommand: Command = async (args, io) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      annotations: { type: 'string' },
      images: { type: 'string' },
      validation: { type: 'string' },
      'validation-images': { type: 'string' },
      sheet: { type: 'string' },
      format: { type: 'string', default: 'text' },
      examples: { type: 'string', default: '3' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    io.print(doctorUsage);
    return 0;
  }
  const { annotations, images, validation, sheet, format } = values;
  const examples = Number(values.examples);
  if (annotations === undefined) throw new Error(`doctor: --annotations must name a file.\n\n${doctorUsage}`);
  if (sheet !== undefined && images === undefined) throw new Error('doctor: --sheet needs --images, the folder.');
  if (format !== 'text' && format !== 'json')
    throw new Error(`doctor: --format must be text or json. Received: ${format}.`);
  if (!(Number.isInteger(examples) && examples >= 0)) {
    throw new Error(`doctor: --examples must be a whole number. Received: ${values.examples}.`);
  }
  const validationImages = values['validation-images'];
  const diagnosis = await doctor({
    annotations,
    ...(images !== undefined && { images }),
    ...(validation !== undefined && { validation }),
    ...(validationImages !== undefined && { validationImages }),
  });
  const { findings, counts, keypointSet } = diagnosis;
  if (format === 'json') io.print(JSON.stringify({ counts, keypoints: keypointSet?.names ?? [], findings }, null, 2));
  else for (const line of report(findings, counts, examples)) io.print(line);
  if (sheet !== undefined && images !== undefined) {
    await writeFile(sheet, await contactSheet({ ...diagnosis, images }));
    if (format === 'text') io.print(`Worst findings: ${sheet}`);
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
