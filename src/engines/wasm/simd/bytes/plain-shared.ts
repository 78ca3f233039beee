// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const plainShared: Delta = [
  [0, 353],
  'Eg==',
  [354, 13],
  'AwGAgAQ=',
  [369, 599],
  'npU=',
  [970, 22139],
  'kAIBBg==',
  [23112, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [23204, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [23172, 18],
  'Bw==',
  [23191, 14],
  'BkEBaiEG',
  [23211, 13081],
];
