"""Times pycocotools or faster-coco-eval: evaluate + accumulate + summarize, once for each line on stdin.
usage: coco_peer.py pycocotools|faster-coco-eval GT.json DT.json"""
import contextlib, io, json, sys, time
which, truth, found = sys.argv[1:]
if which == 'pycocotools':
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
else:
    from faster_coco_eval import COCO, COCOeval_faster as COCOeval
with contextlib.redirect_stdout(io.StringIO()):
    g = COCO(truth)
    d = g.loadRes(found)
print('ready', flush=True)
for _ in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()):
        start, used = time.perf_counter(), time.process_time()
        run = COCOeval(g, d, 'keypoints')
        run.evaluate(); run.accumulate(); run.summarize()
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
    print(json.dumps(dict(seconds=seconds, cpu=cpu, stats=[float(x) for x in run.stats][:10])), flush=True)
