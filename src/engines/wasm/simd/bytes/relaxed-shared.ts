// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const relaxedShared: Delta = [
  [0, 295],
  'Eg==',
  [296, 13],
  'AwGAgAQ=',
  [311, 589],
  '1YY=',
  [902, 20933],
  'kAIBBg==',
  [21838, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [21930, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [21898, 18],
  'Bw==',
  [21917, 14],
  'BkEBaiEG',
  [21937, 12422],
];
