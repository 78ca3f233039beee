import { DetectionTable } from './detection-table';
import type { CocoTables } from './evaluate-tables';
import { cocoParams, type CocoOptions, type CocoParams } from './options';
import { PeopleTable } from './people-table';
import { readAnnotations, readResults, union } from './read-coco';
import type { CocoAnnotation, CocoDataset, CocoResult } from '../../coco';

/**
 * Collects annotations and results in batches of any size, and merges with accumulators of the same options:
 * shards collected on different machines give the metrics of the whole, to the last bit, in any order. When scores tie, keep all results of an
 * image in one shard, or pass `positions`: equal scores rank in the order of the whole list of results.
 *
 * @example
 * const accumulator = new CocoAccumulator();
 * accumulator.addAnnotations(annotations).addResults(batch);
 * accumulator.merge(otherShard); evaluateAccumulator(accumulator).summary.AP
 */
export class CocoAccumulator {
  readonly options: CocoOptions;
  readonly params: CocoParams;
  private readonly store: { -readonly [key in keyof CocoTables]: CocoTables[key] };

  /** @throws RangeError naming the invalid option. */
  constructor(options: CocoOptions = {}) {
    this.options = options;
    this.params = cocoParams(options, 'CocoAccumulator');
    const keypoints = this.params.sigmas.length;
    this.store = {
      people: new PeopleTable(keypoints, this.params.useArea),
      detections: new DetectionTable(keypoints, this.params.rescore !== null),
      images: null,
      categories: null,
    };
  }

  /** The collected records, column by column, for the functions that evaluate them. */
  get tables(): CocoTables {
    return this.store;
  }

  /**
   * @param annotations an array of COCO annotation records, or the whole object with `images`, `annotations`, `categories`.
   * @param source name in errors, for instance the file name.
   * @throws TypeError or RangeError naming the source, the record and the field; in that case nothing of the batch is kept.
   */
  addAnnotations(annotations: readonly CocoAnnotation[] | CocoDataset, source = 'annotations'): this {
    readAnnotations(this.store as Parameters<typeof readAnnotations>[0], annotations, source);
    return this;
  }

  /**
   * @param positions position of each record in the whole list of results, when this is a part of it.
   * @throws TypeError or RangeError naming the source, the record and the field; in that case nothing of the batch is kept.
   */
  addResults(results: readonly CocoResult[], source = 'results', positions?: ArrayLike<number>): this {
    readResults(this.store as Parameters<typeof readResults>[0], results, source, positions);
    return this;
  }

  /**
   * Adds the records of another accumulator, which is not changed. People in both count once.
   *
   * @throws RangeError when the options differ, or the two have different people with the same id.
   */
  merge(other: CocoAccumulator): this {
    const [mine, theirs] = [JSON.stringify(this.params), JSON.stringify(other.params)];
    if (mine !== theirs) {
      throw new RangeError(`CocoAccumulator.merge: both must have the same options. Received: ${mine} and ${theirs}.`);
    }
    this.store.people.merge(other.store.people, 'CocoAccumulator.merge');
    this.store.detections.merge(other.store.detections);
    this.store.images = union(this.store.images, other.store.images);
    this.store.categories = union(this.store.categories, other.store.categories);
    return this;
  }
}
