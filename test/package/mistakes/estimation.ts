import { compile, compilePose, createEstimator, type Estimator } from 'poseblocks/inference';
import { COCO } from 'poseblocks/keypoints';
import { loadPoseModel, poseModel, savePoseModel } from 'poseblocks/models';
import { drawPose, oneEuro, trackPoses } from 'poseblocks/video';
import { boxToCrop } from 'poseblocks/geometry';
import { poseSvg, heatmapGridSvg, curvesSvg } from 'poseblocks/visualize';
import type { Mistake, RightThings, Untyped } from './given';

const js = (f: unknown): Untyped => f as Untyped;

/** From a model to a drawn pose. */
export function estimationMistakes(
  { network, codec, model, image, box }: RightThings,
  estimator: Estimator,
): readonly Mistake[] {
  const estimate = js(estimator.estimate.bind(estimator));
  const context = { canvas: { width: 8, height: 8 } };
  const pose = { frame: 'image', xy: new Float32Array(34), score: new Float32Array(17) };
  return [
    ['createEstimator', 'nothing', () => js(createEstimator)()],
    ['createEstimator', 'a path', () => js(createEstimator)('lpn-50.safetensors')],
    ['createEstimator', 'a promise of a model', () => js(createEstimator)(Promise.resolve(model))],
    ['createEstimator', 'a network without codec', () => js(createEstimator)(network)],
    ['createEstimator', 'an option that is none', () => js(createEstimator)(model, { fliptest: true })],
    [
      'createEstimator',
      'an ONNX file without runtime',
      () => js(createEstimator)({ onnx: new Uint8Array(8) }, { codec }),
    ],
    ['createEstimator', 'an ONNX file by its path', () => js(createEstimator)({ onnx: 'a.onnx', runtime: 'node' })],
    [
      'createEstimator',
      'normalization of another name',
      () => js(createEstimator)(model, { normalization: 'ImageNet' }),
    ],
    ['estimate', 'nothing', () => estimate()],
    ['estimate', 'no boxes', () => estimate(image)],
    ['estimate', 'one box, not in a list', () => estimate(image, box)],
    ['estimate', 'boxes as objects', () => estimate(image, [{ x: 1, y: 2, width: 3, height: 4 }])],
    ['estimate', 'a path', () => estimate('photo.jpg', [box])],
    ['estimate', 'the bytes of a JPEG', () => estimate(new Uint8Array([255, 216, 255, 224]), [box])],
    ['estimate', 'pixels of another number', () => estimate({ width: 9, height: 9, data: new Uint8Array(5) }, [box])],
    ['estimate', 'boxes of text', () => estimate(image, [['1', '2', '3', '4']])],
    ['compile', 'nothing', () => js(compile)()],
    ['compile', 'a path', () => js(compile)('model.json')],
    ['compile', 'an option that is none', () => js(compile)(network, { precison: 'int16' })],
    ['compile', 'a precision that is none', () => js(compile)(network, { precision: 'float16' })],
    ['compile', 'a codec', () => js(compile)(codec)],
    ['compilePose', 'nothing', () => js(compilePose)()],
    ['compilePose', 'a network without codec', () => js(compilePose)(network)],
    ['compilePose', 'an option that is none', () => js(compilePose)(model, { flip: true })],
    ['compilePose', 'a text', () => js(compilePose)('lpn-50')],
    [
      'compilePose',
      'a codec of another size',
      () => js(compilePose)(network, { codec: { ...codec, inputSize: [64, 48] } }),
    ],
    ['poseModel', 'nothing', () => js(poseModel)()],
    ['poseModel', 'no codec', () => js(poseModel)({ network, keypointSet: COCO })],
    ['poseModel', 'the network alone', () => js(poseModel)(network)],
    [
      'poseModel',
      'an option that is none',
      () => js(poseModel)({ network, codec, keypointSet: COCO, normalisation: 'imagenet' }),
    ],
    ['poseModel', "a keypoint set's name", () => js(poseModel)({ network, codec, keypointSet: 'COCO' })],
    ['loadPoseModel', 'nothing', () => js(loadPoseModel)()],
    ['loadPoseModel', 'a path that is no address', () => js(loadPoseModel)('no/such/model.safetensors')],
    ['loadPoseModel', 'an object', () => js(loadPoseModel)({ url: 'model.safetensors' })],
    ['loadPoseModel', 'bytes of something else', () => js(loadPoseModel)(new Uint8Array([1, 2, 3]))],
    ['loadPoseModel', 'bytes of nothing', () => js(loadPoseModel)(new Uint8Array(0))],
    ['savePoseModel', 'nothing', () => js(savePoseModel)()],
    ['savePoseModel', 'a network', () => js(savePoseModel)(network)],
    ['savePoseModel', 'a dtype that is none', () => js(savePoseModel)(model, { dtype: 'float8' })],
    ['savePoseModel', 'an option that is none', () => js(savePoseModel)(model, { type: 'float16' })],
    ['savePoseModel', 'a path', () => js(savePoseModel)('out.safetensors')],
    ['boxToCrop', 'nothing', () => js(boxToCrop)()],
    ['boxToCrop', 'a box as an object', () => js(boxToCrop)({ x: 1, y: 2, width: 3, height: 4 }, [48, 64])],
    ['boxToCrop', 'no input size', () => js(boxToCrop)([1, 2, 3, 4])],
    ['boxToCrop', 'an input size as one number', () => js(boxToCrop)([1, 2, 3, 4], 48)],
    ['boxToCrop', 'an option that is none', () => js(boxToCrop)([1, 2, 3, 4], [48, 64], { pad: 2 })],
    ['trackPoses', 'nothing', () => js(trackPoses)()],
    ['trackPoses', 'the model, not its estimator', () => js(trackPoses)(model)],
    ['trackPoses', 'a promise of an estimator', () => js(trackPoses)(Promise.resolve(estimator))],
    ['trackPoses', 'an option that is none', () => js(trackPoses)(estimator, { smooth: true })],
    ['trackPoses', 'a detector that is no function', () => js(trackPoses)(estimator, { detector: 'movenet' })],
    ['oneEuro', 'an option that is none', () => js(oneEuro)({ cutoff: 1 })],
    ['oneEuro', 'a text', () => js(oneEuro)({ minCutoff: '1' })],
    ['drawPose', 'no options', () => js(drawPose)(context, pose)],
    ['drawPose', 'no skeleton', () => js(drawPose)(context, pose, { keypointSet: COCO })],
    ['drawPose', 'a canvas, not its context', () => js(drawPose)({ width: 8, height: 8 }, pose, { skeleton: COCO })],
    ['drawPose', 'nobody', () => js(drawPose)(context, undefined, { skeleton: COCO })],
    ['drawPose', 'a list of numbers', () => js(drawPose)(context, [1, 2, 3], { skeleton: COCO })],
    ['poseSvg', 'no options', () => js(poseSvg)(pose)],
    ['poseSvg', 'no size', () => js(poseSvg)(pose, { skeleton: COCO })],
    ['poseSvg', 'nobody', () => js(poseSvg)(undefined, { skeleton: COCO, size: [8, 8] })],
    ['poseSvg', 'a size of another form', () => js(poseSvg)(pose, { skeleton: COCO, size: { width: 8, height: 8 } })],
    ['poseSvg', 'an option that is none', () => js(poseSvg)(pose, { skeleton: COCO, size: [8, 8], treshold: 1 })],
    ['heatmapGridSvg', 'nothing', () => js(heatmapGridSvg)()],
    ['heatmapGridSvg', 'no shape', () => js(heatmapGridSvg)({ data: new Float32Array(8) })],
    ['heatmapGridSvg', 'a list', () => js(heatmapGridSvg)([1, 2, 3])],
    [
      'heatmapGridSvg',
      'a shape that does not fit',
      () => js(heatmapGridSvg)({ data: new Float32Array(8), shape: [2, 2, 3] }),
    ],
    [
      'heatmapGridSvg',
      'an option that is none',
      () => js(heatmapGridSvg)({ data: new Float32Array(8), shape: [2, 2, 2] }, { colour: 'x' }),
    ],
    ['curvesSvg', 'nothing', () => js(curvesSvg)()],
    ['curvesSvg', 'one series, not in a list', () => js(curvesSvg)({ name: 'loss', x: [1], y: [2] })],
    ['curvesSvg', 'numbers alone', () => js(curvesSvg)([1, 2, 3])],
    ['curvesSvg', 'a series without y', () => js(curvesSvg)([{ name: 'loss', x: [1, 2] }])],
    [
      'curvesSvg',
      'an option that is none',
      () => js(curvesSvg)([{ name: 'loss', x: [1, 2], y: [1, 2] }], { xlabel: 'x' }),
    ],
  ];
}
