import { precisionRecall, type CocoEvaluation } from '../metrics';
import { curvesSvg, htmlReport, type ReportSection, type Table } from '../visualize';
import type { Report } from './format';

const titles: Readonly<Record<string, string>> = {
  coco: 'COCO keypoint evaluation',
  keypoints: 'By keypoint',
  errors: 'Errors, and the AP that each kind costs',
};

/** The report as one HTML page: its tables, and the precision–recall curve of each threshold. */
export function evalHtml(evaluation: CocoEvaluation, report: Report): string {
  const { people, detections } = evaluation.accumulator.tables;
  const sections = Object.entries(report)
    .filter(([, rows]) => rows.length > 0)
    .map(([name, rows]): ReportSection => ({ title: titles[name] ?? name.toUpperCase(), tables: [tableOf(rows)] }));
  return htmlReport({
    title: 'Evaluation',
    text: `${detections.length} detections, ${people.length} annotated people, ${evaluation.grouping.images.length} images.`,
    sections: [...sections, ...curves(evaluation)],
  });
}

function tableOf(rows: Report[string]): Table {
  const columns = Object.keys(rows[0]!);
  return { columns, rows: rows.map((row) => columns.map((column) => row[column])) };
}

/** None where no person counts. */
function curves(evaluation: CocoEvaluation): ReportSection[] {
  const series = evaluation.params.thresholds
    .map((threshold) => ({ threshold, curve: precisionRecall(evaluation, { threshold }) }))
    .filter(({ curve }) => curve.recall.length > 0)
    .map(({ threshold, curve: { recall, precision } }) => ({
      name: `OKS ${threshold.toFixed(2)}`,
      x: recall,
      y: precision,
      steps: true,
    }));
  if (series.length === 0) return [];
  const figure = curvesSvg(series, { xLabel: 'recall', yLabel: 'precision', xRange: [0, 1], yRange: [0, 1] });
  return [{ title: 'Precision over recall', figures: [figure] }];
}
