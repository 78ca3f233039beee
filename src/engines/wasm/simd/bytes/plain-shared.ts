// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const plainShared: Delta = [
  [0, 321],
  'Eg==',
  [322, 13],
  'AwGAgAQ=',
  [337, 598],
  '35Y=',
  [937, 21811],
  'kAIBBg==',
  [22751, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [22843, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [22811, 18],
  'Bw==',
  [22830, 14],
  'BkEBaiEG',
  [22850, 13602],
];
