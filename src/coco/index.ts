/**
 * COCO's records for keypoints: their types, their check, and one reader for text, bytes, gzip and streams.
 *
 * @packageDocumentation
 */
export { plainChunks, plainText, type ByteChunks } from './chunks';
export { categoryKeypointSet, sameNames } from './category-keypoint-set';
export { describe, failField, isArray, readFinite, readFlag, readId, readNumbers, readObject, type RecordPlace } from './fields'; // prettier-ignore
export { JsonLists, type JsonListsOptions } from './json-lists';
export { jsonRecords, type JsonRecord } from './json-records';
export { readPersonRecord, triplets, type PersonRecord } from './person-record';
export type {
  CocoAnnotation,
  CocoCategory,
  CocoDataset,
  CocoFile,
  CocoImage,
  CocoPersonRecord,
  CocoResult,
} from './records';
