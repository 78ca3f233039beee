import type { ShardField, ShardRecord } from '../settings';

/** The data that a worker starts with. */
export interface ShardSetup {
  /** Output folder of the shards. */
  readonly out: string;
}

/** One shard to write; plain data, which is sent to a worker. */
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
    /** The normaliser of PCK, in pixels of the crop. */
    readonly normalizer: number;
  }[];
}

/** A skipped person, whose photograph cannot be read. */
export interface Unreadable {
  readonly id: number;
  readonly fileName: string;
  readonly detail: string;
}

export interface ShardReply {
  readonly record: ShardRecord;
  readonly skipped: readonly Unreadable[];
  /** Whether the complete shard already existed. */
  readonly kept: boolean;
}

/** The record beside a finished shard, which is written last. */
export interface ShardNote {
  /** Checksum of the job: a different one means other people or other crops. */
  readonly job: string;
  readonly count: number;
  readonly sha256: Readonly<Record<ShardField, string>>;
  readonly skipped: readonly Unreadable[];
}
