"""The ten figures of each file, by pycocotools (where records have an area) and by xtcocotools without it. python figures.py FOLDER OUT.json (pycocotools, xtcocotools)"""
import contextlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from xtcocotools.coco import COCO as XCOCO
from xtcocotools.cocoeval import COCOeval as XCOCOeval

folder, out = map(Path, sys.argv[1:])
COCO_SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
CROWDPOSE = np.array([79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89, 79, 79]) / 1000
figures = {}
for path in sorted(folder.glob('*.json')):
    if path.name.endswith('.results.json'):
        continue
    name = path.stem
    data = json.loads(path.read_text())
    count = len(data['annotations'][0]['keypoints']) // 3
    has_area = 'area' in data['annotations'][0]
    # Both read these fields, which published files leave out.
    for record in data['annotations']:
        record.setdefault('iscrowd', 0)
        record.setdefault('num_keypoints', sum(v > 0 for v in record['keypoints'][2::3]))
    names = data['categories'][0]['keypoints']
    sigmas = CROWDPOSE if name == 'crowdpose' else COCO_SIGMAS if names[:17] == ['nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear', 'left_shoulder', 'right_shoulder', 'left_elbow', 'right_elbow', 'left_wrist', 'right_wrist', 'left_hip', 'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle'] and count == 17 else np.full(count, 0.05)
    results = json.loads((folder / f'{name}.results.json').read_text())
    temporary = folder / 'complete.tmp'
    temporary.write_text(json.dumps(data))
    entry = {'sigmas': sigmas.tolist()}
    with contextlib.redirect_stdout(io.StringIO()):
        if has_area:
            truth = COCO(str(temporary))
            evaluation = COCOeval(truth, truth.loadRes([dict(r) for r in results]), 'keypoints')
            evaluation.params.kpt_oks_sigmas = sigmas
            evaluation.evaluate(), evaluation.accumulate(), evaluation.summarize()
            entry['pycocotools'] = evaluation.stats.tolist()
        truth = XCOCO(str(temporary))
        found = temporary.with_suffix('.dt')
        found.write_text(json.dumps(results))
        evaluation = XCOCOeval(truth, truth.loadRes(str(found)), 'keypoints', sigmas, use_area=False)
        evaluation.evaluate(), evaluation.accumulate(), evaluation.summarize()
        entry['xtcocotools'] = evaluation.stats.tolist()
    figures[name] = entry
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(json.dumps(figures))
