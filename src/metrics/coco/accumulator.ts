import { DetectionTable } from './detection-table';
import type { CocoTables } from './evaluate-tables';
import { cocoParams, type CocoOptions, type CocoParams } from './options';
import { PeopleTable } from './people-table';
import { readAnnotations, readResults, union } from './read-coco';
import type { CocoAnnotation, CocoDataset, CocoResult } from '../../coco';

/**
 * Collects annotations and results as they come, in batches of any size, and merges with others of the same options:
 * shards collected on different machines give the figures of the whole, to the last bit, in any order. Keep the images of
 * one shard whole, or pass `positions`, when scores tie: equal scores rank in the order of the whole list of results.
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

  /** @throws RangeError naming the option that does not hold. */
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

  /** What has been read, column by column: for the functions that evaluate it. */
  get tables(): CocoTables {
    return this.store;
  }

  /**
   * @param annotations An array of COCO's annotation records, or the whole object with `images`, `annotations`, `categories`.
   * @param source What errors call it: a file's name, for instance.
   * @throws TypeError or RangeError naming source, record and field; nothing of the batch is then kept.
   */
  addAnnotations(annotations: readonly CocoAnnotation[] | CocoDataset, source = 'annotations'): this {
    readAnnotations(this.store as Parameters<typeof readAnnotations>[0], annotations, source);
    return this;
  }

  /**
   * @param positions Where each record stands in the whole list of results, when this is a part of one.
   * @throws TypeError or RangeError naming source, record and field; nothing of the batch is then kept.
   */
  addResults(results: readonly CocoResult[], source = 'results', positions?: ArrayLike<number>): this {
    readResults(this.store as Parameters<typeof readResults>[0], results, source, positions);
    return this;
  }

  /**
   * Takes in what another accumulator holds; the other stays as it is. People that both hold count once.
   *
   * @throws RangeError when options differ, or the two hold different people under one id.
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
