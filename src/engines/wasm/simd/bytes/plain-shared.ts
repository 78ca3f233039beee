// Built by `npm run build:simd` from assembly/.
import type { Delta } from '../delta';

export const plainShared: Delta = [
  [0, 295],
  'Eg==',
  [296, 13],
  'AwGAgAQ=',
  [311, 589],
  '/Pk=',
  [902, 19414],
  'kAIBBg==',
  [20319, 20],
  'IQQgBSgCACEGA0AgASAGSgRAIANBAUpBACAAQUBrIAZBBnRqIgcoAgQiCEECcRsEQCAEBH9BAAUgBSAA/hACBCIENgIIIANBAWsgAEEB/h4CAEoEf0EABSAAQQD+FwIAIAAgBEEBav4XAgRBAQsLBH9BAQUgBSgCCCEJQQAhBAJ/A0AgBEGgjQZIBEBBASAA/hACBCAJRw0CGg==',
  [20411, 14],
  'C0UEQCAFIAY2AgAgBUEBNgIEQQEPC0EAIQQLIAhBAXEEQCAH',
  [20379, 18],
  'Bw==',
  [20398, 14],
  'BkEBaiEG',
  [20418, 12316],
];
