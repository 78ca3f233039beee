import { zeros } from '@tensorflow/tfjs-core';
import { readCoco, readLsp, readMpii, syntheticPeople, topDown } from 'poseblocks/datasets';
import { topDownLoader } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { evaluateCoco, oks, pck, pckh, countParams, toCocoResult } from 'poseblocks/metrics';
import { adam, fit, jointsMse, ohkm, radam, trainingPass, withTargets } from 'poseblocks/training';
import { COCO } from 'poseblocks/keypoints';
import type { Mistake, RightThings, Untyped } from './given';

const js = (f: unknown): Untyped => f as Untyped;

async function firstOf(batches: unknown): Promise<unknown> {
  for await (const batch of batches as AsyncIterable<unknown>) return batch;
  return undefined;
}

/** From annotations to figures. */
export function trainingMistakes({ network, codec, model, persons, readImage, json }: RightThings): readonly Mistake[] {
  const batches = withTargets(() => topDown({ persons, readImage, codec }), codec);
  const all = { epochs: 1, batches, loss: jointsMse, optimizer: adam(1e-3) };
  const folder = '/no/such/folder';
  const pose = { xy: new Float32Array(34), score: new Float32Array(17) };
  return [
    ['useEngine', 'another name', () => js(useEngine)('gpu')],
    ['useEngine', 'an option that is none', () => js(useEngine)('wasm', { wasmPath: '/wasm/' })],
    ['useEngine', 'threads as a text', () => js(useEngine)('wasm', { threads: '2' })],
    ['useEngine', 'options in place of a name', () => js(useEngine)({ threads: 2 })],
    ['useEngine', 'wasmPaths that are no text', () => js(useEngine)('wasm', { wasmPaths: {} })],
    ['fit', 'nothing', () => js(fit)()],
    ['fit', 'no options', () => js(fit)(network)],
    ['fit', 'no optimizer', () => js(fit)(network, { ...all, optimizer: undefined })],
    ['fit', "an optimizer's name", () => js(fit)(network, { ...all, optimizer: 'adam' })],
    ['fit', 'no loss', () => js(fit)(network, { ...all, loss: undefined })],
    [
      'fit',
      'an iterator in place of a function',
      () => js(fit)(network, { ...all, batches: topDown({ persons, readImage, codec })[Symbol.asyncIterator]() }),
    ],
    [
      'fit',
      'batches without targets',
      () => js(fit)(network, { ...all, batches: () => topDown({ persons, readImage, codec }) }),
    ],
    ['fit', 'an option that is none', () => js(fit)(network, { ...all, epoch: 3 })],
    ['fit', 'no epochs', () => js(fit)(network, { ...all, epochs: undefined })],
    ['fit', 'an array of batches that are none', () => js(fit)(network, { ...all, batches: () => [1, 2] })],
    ['trainingPass', 'nothing', () => js(trainingPass)()],
    ['trainingPass', 'a pose model', () => js(trainingPass)(model, zeros([1, 64, 48, 3]))],
    ['trainingPass', 'no images', () => js(trainingPass)(network)],
    ['trainingPass', 'a path for images', () => js(trainingPass)(network, 'photo.jpg')],
    [
      'trainingPass',
      'two images for one input',
      () => js(trainingPass)(network, [zeros([1, 64, 48, 3]), zeros([1, 64, 48, 3])]),
    ],
    ['adam', 'options alone', () => js(adam)({ learningRate: 1e-3 })],
    ['adam', 'nothing', () => js(adam)()],
    ['adam', 'a text', () => js(adam)('0.001')],
    ['adam', 'an option that is none', () => js(adam)(1e-3, { beta: 0.9 })],
    ['adam', 'a negative rate', () => js(adam)(-1)],
    ['radam', 'nothing', () => js(radam)()],
    ['radam', 'an option that is none', () => js(radam)(1e-3, { beta: 0.9 })],
    ['ohkm', 'an option that is none', () => js(ohkm)({ k: 8 })],
    ['ohkm', 'a text', () => js(ohkm)({ topK: '8' })],
    ['jointsMse', 'nothing', () => js(jointsMse)()],
    ['jointsMse', 'lists', () => js(jointsMse)([1], [1], [1])],
    ['withTargets', 'no codec', () => js(withTargets)(() => [])],
    [
      'withTargets',
      'an iterable in place of a function',
      () => js(withTargets)(topDown({ persons, readImage, codec }), codec),
    ],
    ['topDown', 'nothing', async () => firstOf(js(topDown)())],
    ['topDown', 'no persons', async () => firstOf(js(topDown)({ readImage, codec }))],
    ['topDown', 'no reader', async () => firstOf(js(topDown)({ persons, codec }))],
    ['topDown', 'no size', async () => firstOf(js(topDown)({ persons, readImage }))],
    ['topDown', 'a reader that is a path', async () => firstOf(js(topDown)({ persons, readImage: 'images/', codec }))],
    ['topDown', 'an option that is none', async () => firstOf(js(topDown)({ persons, readImage, codec, batch: 4 }))],
    [
      'topDown',
      'the dataset in place of its persons',
      async () => firstOf(js(topDown)({ persons: json, readImage, codec })),
    ],
    ['topDownLoader', 'nothing', () => js(topDownLoader)()],
    ['topDownLoader', 'no persons', () => js(topDownLoader)({ images: folder, codec })],
    [
      'topDownLoader',
      'an option that is none',
      () => js(topDownLoader)({ persons, images: folder, codec, threads: 2 }),
    ],
    ['topDownLoader', 'no images', () => js(topDownLoader)({ persons, codec })],
    ['topDownLoader', 'no size', () => js(topDownLoader)({ persons, images: folder })],
    ['readCoco', 'nothing', () => js(readCoco)()],
    ['readCoco', 'a path', () => js(readCoco)('annotations.json')],
    ['readCoco', 'text of something else', () => js(readCoco)('<html>')],
    ['readCoco', 'a list', () => js(readCoco)([json])],
    ['readCoco', 'an option that is none', () => js(readCoco)(json, { keypoints: 17 })],
    ['readMpii', 'nothing', () => js(readMpii)()],
    ['readMpii', 'a path', () => js(readMpii)('mpii.json')],
    ['readMpii', 'an object', () => js(readMpii)({})],
    ['readLsp', 'nothing', () => js(readLsp)()],
    ['readLsp', 'a path', () => js(readLsp)('joints.mat')],
    ['readLsp', 'bytes of something else', () => js(readLsp)(new Uint8Array(8))],
    ['syntheticPeople', 'a number', () => js(syntheticPeople)(16)],
    ['syntheticPeople', 'an option that is none', () => js(syntheticPeople)({ seed: 1, people: 3 })],
    ['syntheticPeople', 'a count of text', () => js(syntheticPeople)({ seed: 1, count: 'three' })],
    ['pck', 'nothing', () => js(pck)()],
    ['pck', 'no lengths', () => js(pck)([pose], [pose])],
    ['pck', 'one pose, not in a list', () => js(pck)(pose, pose, { normalizers: [1], threshold: 0.2 })],
    ['pck', 'lists of different lengths', () => js(pck)([pose], [], { normalizers: [1], threshold: 0.2 })],
    ['pck', 'an option that is none', () => js(pck)([pose], [pose], { normalizers: [1], threshhold: 0.2 })],
    ['pckh', 'nothing', () => js(pckh)()],
    ['pckh', 'no head sizes', () => js(pckh)([pose], [pose])],
    ['oks', 'nothing', () => js(oks)()],
    ['oks', 'no area', () => js(oks)(pose, pose, {})],
    ['oks', 'no options', () => js(oks)(pose, pose)],
    ['oks', 'an option that is none', () => js(oks)(pose, pose, { area: 10, sigma: COCO.sigmas })],
    ['evaluateCoco', 'nothing', () => js(evaluateCoco)()],
    ['evaluateCoco', 'a path', () => js(evaluateCoco)('results.json', json)],
    ['evaluateCoco', 'no annotations', () => js(evaluateCoco)([])],
    ['evaluateCoco', 'the two exchanged', () => js(evaluateCoco)(json, [])],
    ['evaluateCoco', 'an option that is none', () => js(evaluateCoco)([], json, { sigma: 1 })],
    ['toCocoResult', 'no image', () => js(toCocoResult)(pose)],
    ['toCocoResult', 'nothing', () => js(toCocoResult)()],
    ['countParams', 'nothing', () => js(countParams)()],
    ['countParams', 'a model file', () => js(countParams)('lpn-50')],
    ['fit', 'a model without its network', () => js(fit)({ ...model, network: undefined }, all)],
  ];
}
