// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const plainShared: Delta = [
  [0, 342],
  'Eg==',
  [343, 13],
  'AwGAgAQ=',
  [358, 598],
  'uZg=',
  [958, 21894],
  'kAIBBg==',
  [22855, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [22947, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [22915, 18],
  'Bw==',
  [22934, 14],
  'BkEBaiEG',
  [22954, 13737],
];
