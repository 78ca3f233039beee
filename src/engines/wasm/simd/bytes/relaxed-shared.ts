// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const relaxedShared: Delta = [
  [0, 342],
  'Eg==',
  [343, 13],
  'AwGAgAQ=',
  [358, 598],
  'tqU=',
  [958, 23688],
  'kAIBBg==',
  [24649, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [24741, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [24709, 18],
  'Bw==',
  [24728, 14],
  'BkEBaiEG',
  [24748, 13604],
];
