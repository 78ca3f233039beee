// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const relaxedShared: Delta = [
  [0, 321],
  'Eg==',
  [322, 13],
  'AwGAgAQ=',
  [337, 598],
  '3KM=',
  [937, 23605],
  'kAIBBg==',
  [24545, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [24637, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [24605, 18],
  'Bw==',
  [24624, 14],
  'BkEBaiEG',
  [24644, 13469],
];
