import type { CocoEvaluation } from './evaluate-coco';
import { averagePrecision, averageRecall } from './summary';

/** One line of pycocotools' printed summary. */
export interface CocoTableRow {
  readonly metric: 'AP' | 'AR';
  /** `0.50:0.95`, or one threshold. */
  readonly oks: string;
  readonly area: string;
  readonly maxDets: number;
  /** A fraction; −1 where no person counts. */
  readonly value: number;
}

/**
 * The evaluation as rows, for every maxDets: the official ten with the official options; with other thresholds
 * or ranges, the mean, the existing ones of 0.5 and 0.75, and every range.
 *
 * @example console.table(cocoTable(evaluation));
 */
export function cocoTable(evaluation: CocoEvaluation): CocoTableRow[] {
  const { params } = evaluation;
  const { thresholds } = params;
  const span = `${thresholds[0]!.toFixed(2)}:${thresholds[thresholds.length - 1]!.toFixed(2)}`;
  const areas = params.areaNames.filter((name) => name !== 'all');
  return params.maxDets.flatMap((maxDets) =>
    ([averagePrecision, averageRecall] as const).flatMap((mean) => {
      const metric = mean === averagePrecision ? ('AP' as const) : ('AR' as const);
      const row = (oks: string, area: string, threshold?: number): CocoTableRow => ({
        metric,
        oks,
        area,
        maxDets,
        value: mean(evaluation, { area, maxDets, ...(threshold === undefined ? {} : { threshold }) }),
      });
      const single = [0.5, 0.75].filter((threshold) => thresholds.includes(threshold));
      return [
        ...(params.areaNames.includes('all')
          ? [row(span, 'all'), ...single.map((t) => row(t.toFixed(2), 'all', t))]
          : []),
        ...areas.map((area) => row(span, area)),
      ];
    }),
  );
}
