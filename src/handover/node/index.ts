/**
 * The folder of a hand-over: written, read and checked. For Node.
 *
 * @packageDocumentation
 */
export { checkHandover } from './check-handover';
export {
  writeHandover,
  type HandoverPart,
  type HandoverPlan,
  type HandoverReport,
  type WriteHandoverOptions,
} from './write-handover';
export type { Unreadable } from './shard-job';
export { takeOver, type TakeoverOptions } from './takeover';
