import { hasFields, knownOptions, requireThat } from '../../bytes';

const KNOWN = [
  'epochs', 'batches', 'loss', 'optimizer', 'schedule', 'scheduleBy', 'accumulate', 'clipNorm', 'average', 'validate', 'validateEvery', 'monitor', 'mode',
  'stopWhen', 'callbacks', 'signal', 'checkpoint', 'random', 'gradients',
] as const; // prettier-ignore

/** The options of `fit` that it cannot do without, for plain JavaScript. */
export function checkFitOptions(options: object): void {
  requireThat(hasFields(options), 'fit', 'options must be { epochs, batches, loss, optimizer }', options);
  const { batches, loss, optimizer } = knownOptions<Partial<Record<(typeof KNOWN)[number], unknown>>>(
    'fit',
    options,
    KNOWN,
  );
  requireThat(
    typeof batches === 'function',
    'fit',
    'batches must be a function of the epoch that gives its batches',
    batches,
    'For instance withTargets((epoch) => topDown({ persons, readImage, codec, epoch }), codec), or () => list.',
  );
  requireThat(typeof loss === 'function', 'fit', 'loss must be a function of target, weights and prediction', loss, 'For instance jointsMse.'); // prettier-ignore
  requireThat(
    hasFields(optimizer, 'computeGradients', 'applyGradients'),
    'fit',
    'optimizer must be an optimizer',
    optimizer,
    'For instance adam(1e-3).',
  );
}

/** A batch as `fit` takes it. */
export function checkBatch(batch: unknown): void {
  requireThat(
    hasFields(batch, 'images', 'target', 'weights'),
    'fit',
    'batches must yield { images, target, weights }',
    batch,
    'withTargets(batches, codec) makes such of { images, people }.',
  );
}
