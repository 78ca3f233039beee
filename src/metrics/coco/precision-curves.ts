/**
 * Precision at each true positive, for up to 32 thresholds in one pass over the ranked detections. Precision only rises at
 * a true positive, and each one matches another person, so people × thresholds numbers hold all curves.
 */
export class PrecisionCurves {
  private readonly people: number;
  private readonly thresholds: number;
  private readonly list: Uint32Array;
  /** True positives so far, by threshold. */
  private readonly hits: Uint32Array;
  /** By threshold × people + true positive: interpolated precision there. */
  private readonly precision: Float64Array;
  /** The detection of that true positive. */
  private readonly detections: Uint32Array;

  /**
   * @param list detections, highest score first.
   * @param hitBits bit t of a detection's entry: a true positive at threshold t.
   * @param ignoredBits bit t: neither a true nor a false positive.
   */
  constructor(list: Uint32Array, hitBits: Int32Array, ignoredBits: Int32Array, people: number, thresholds: number) {
    this.people = people;
    this.thresholds = thresholds;
    this.list = list;
    this.hits = new Uint32Array(thresholds);
    this.precision = new Float64Array(thresholds * people);
    this.detections = new Uint32Array(thresholds * people);
    this.scan(hitBits, ignoredBits);
    this.interpolate();
  }

  /** Recall after the last detection. */
  recall(threshold: number): number {
    return this.hits[threshold]! / this.people;
  }

  /** Calls `write` with precision and detection at each reached recall threshold, ascending. */
  sample(
    threshold: number,
    recallThresholds: readonly number[],
    write: (r: number, precision: number, detection: number) => void,
  ): void {
    const { people } = this;
    const hits = this.hits[threshold]!;
    const start = threshold * people;
    let hit = 0;
    for (let r = 0; r < recallThresholds.length; r++) {
      const wanted = recallThresholds[r]!;
      if (wanted <= 0) {
        if (this.list.length > 0) write(r, hits > 0 ? this.precision[start]! : 0, this.list[0]!);
        continue;
      }
      while (hit < hits && (hit + 1) / people < wanted) hit++;
      if (hit === hits) return;
      write(r, this.precision[start + hit]!, this.detections[start + hit]!);
    }
  }

  private scan(hitBits: Int32Array, ignoredBits: Int32Array): void {
    const { list, hits, people, thresholds, precision, detections } = this;
    const all = thresholds === 32 ? -1 : (1 << thresholds) - 1;
    const passed = new Uint32Array(thresholds); // ignored so far
    let seen = 0;
    for (let i = 0; i < list.length; i++) {
      const detection = list[i]!;
      const ignored = ignoredBits[detection]! & all;
      if (ignored === all) continue; // ignored at every threshold: has no effect
      seen++;
      for (let rest = ignored; rest !== 0; rest &= rest - 1) passed[31 - Math.clz32(rest & -rest)]!++;
      for (let rest = hitBits[detection]! & all & ~ignored; rest !== 0; rest &= rest - 1) {
        const t = 31 - Math.clz32(rest & -rest);
        const hit = hits[t]! + 1;
        const at = t * people + hit - 1;
        hits[t] = hit;
        precision[at] = hit / (seen - passed[t]! + Number.EPSILON);
        detections[at] = detection;
      }
    }
  }

  private interpolate(): void {
    for (let t = 0; t < this.thresholds; t++) {
      const start = t * this.people;
      for (let at = start + this.hits[t]! - 1; at > start; at--) {
        if (this.precision[at]! > this.precision[at - 1]!) this.precision[at - 1] = this.precision[at]!;
      }
    }
  }
}
