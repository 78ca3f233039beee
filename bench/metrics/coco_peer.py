"""Times pycocotools or faster-coco-eval, once for each line on stdin: reading the files (COCO and loadRes), and evaluate +
accumulate + summarize on what was read. Wall and processor seconds of each.
usage: coco_peer.py pycocotools|faster-coco-eval GT.json DT.json"""
import contextlib, io, json, sys, time
which, truth, found = sys.argv[1:]
if which == 'pycocotools':
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
else:
    from faster_coco_eval import COCO, COCOeval_faster as COCOeval


def timed(run):
    start, used = time.perf_counter(), time.process_time()
    out = run()
    return out, dict(seconds=time.perf_counter() - start, cpu=time.process_time() - used)


def read():
    g = COCO(truth)
    return g, g.loadRes(found)


def evaluate(g, d):
    run = COCOeval(g, d, 'keypoints')
    run.evaluate(); run.accumulate(); run.summarize()
    return run


print('ready', flush=True)
for _ in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()):
        (g, d), reading = timed(read)
        run, evaluating = timed(lambda: evaluate(g, d))
    stats = [float(x) for x in run.stats][:10]
    print(json.dumps(dict(read=reading, evaluate=evaluating, stats=stats)), flush=True)
