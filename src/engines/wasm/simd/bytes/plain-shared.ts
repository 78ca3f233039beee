// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const plainShared: Delta = [
  [0, 321],
  'Eg==',
  [322, 13],
  'AwGAgAQ=',
  [337, 598],
  's5Y=',
  [937, 21767],
  'kAIBBg==',
  [22707, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [22799, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [22767, 18],
  'Bw==',
  [22786, 14],
  'BkEBaiEG',
  [22806, 13602],
];
