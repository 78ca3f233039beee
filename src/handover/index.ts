/**
 * Training handed over to Keras 3 on JAX, on one machine or many, and the result taken back.
 *
 * @packageDocumentation
 */
export {
  SHARD_FIELDS,
  type HandoverAugmentation,
  type HandoverModel,
  type HandoverOptimizer,
  type HandoverSchedule,
  type HandoverSettings,
  type HandoverTraining,
  type KerasFrozen,
  type KerasGroups,
  type ShardField,
  type ShardRecord,
} from './settings';
export { takeWeights } from './take-weights';
