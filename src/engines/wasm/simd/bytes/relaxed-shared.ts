// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const relaxedShared: Delta = [
  [0, 353],
  'Eg==',
  [354, 13],
  'AwGAgAQ=',
  [369, 599],
  'm6I=',
  [970, 23933],
  'kAIBBg==',
  [24906, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [24998, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [24966, 18],
  'Bw==',
  [24985, 14],
  'BkEBaiEG',
  [25005, 12948],
];
