import type { ShardField, ShardRecord } from '../settings';

/** What a worker is started with. */
export interface ShardSetup {
  /** Folder that gets the shards. */
  readonly out: string;
}

/** One shard to write; plain data, which crosses to a worker. */
export interface ShardJob {
  /** Path below the folder, without the field. */
  readonly name: string;
  /** Folder of the photographs. */
  readonly images: string;
  /** [width, height] of the stored crops. */
  readonly size: readonly [width: number, height: number];
  readonly persons: readonly {
    readonly id: number;
    readonly fileName: string;
    /** Pixels of the crop → pixels of the photograph. */
    readonly inverse: readonly [number, number, number, number, number, number];
    /** In pixels of the crop, x and y of each keypoint. */
    readonly keypoints: readonly number[];
    readonly visibility: readonly number[];
    /** The length that PCK is measured in, pixels of the crop. */
    readonly normalizer: number;
  }[];
}

/** A person left out, whose photograph cannot be read. */
export interface Unreadable {
  readonly id: number;
  readonly fileName: string;
  readonly detail: string;
}

export interface ShardReply {
  readonly record: ShardRecord;
  readonly skipped: readonly Unreadable[];
  /** Whether it was there already, whole. */
  readonly kept: boolean;
}

/** What lies beside a finished shard: it is written last. */
export interface ShardNote {
  /** Checksum of the job: another one means other people or other crops. */
  readonly job: string;
  readonly count: number;
  readonly sha256: Readonly<Record<ShardField, string>>;
  readonly skipped: readonly Unreadable[];
}
