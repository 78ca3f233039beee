// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const relaxedShared: Delta = [
  [0, 321],
  'Eg==',
  [322, 13],
  'AwGAgAQ=',
  [337, 598],
  'mKM=',
  [937, 23537],
  'kAIBBg==',
  [24477, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [24569, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [24537, 18],
  'Bw==',
  [24556, 14],
  'BkEBaiEG',
  [24576, 13469],
];
