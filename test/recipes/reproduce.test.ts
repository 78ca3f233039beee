import { syntheticPeople, type Person } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { convertKeypoints, LSP } from 'poseblocks/keypoints';
import {
  RECIPES,
  recipesOf,
  reproduceRow,
  reproductionCsv,
  reproductionHtml,
  reproductionMarkdown,
  rowOf,
  type Reproduction,
} from 'poseblocks/recipes';
import { memoryStore } from 'poseblocks/training';
import { beforeAll, describe, expect, it } from 'vitest';

it("has every row of paper 000's table, in its order, with the figure that the paper prints", () => {
  expect(recipesOf('000').map((name) => [rowOf(name).row, rowOf(name).reported])).toEqual([
    ['base', 57.1],
    ['kernelsize3', 57.0],
    ['finalkernel1', 60.0],
    ['128x128', 43.6],
    ['2layers', 55.1],
    ['freezeall', 35.4],
    ['resnet18', 56.9],
    ['efficientnet', 34.1],
    ['shuffle', 37.3],
    ['shuffle10', 36.5],
  ]);
  expect(RECIPES['lsp-128x128'].inputSize).toEqual([128, 128]);
  expect(RECIPES['lsp-2layers'].codec([256, 256]).toJSON()).toMatchObject({ heatmapSize: [32, 32] });
  expect(rowOf('lsp-shuffle10').epochsOfPaper).toBe(10);
  expect(recipesOf('002')).toEqual(['cv701-baseline', 'cv701-separable']);
});

describe('reproduceRow', () => {
  beforeAll(async () => void (await useEngine('wasm')));

  /** Synthetic people by LSP's names; what it has besides stays unlabelled. */
  function people(seed: number) {
    const { persons, keypointSet, readImage } = syntheticPeople({ seed, count: 8 });
    const named = persons.map((person): Person => ({
      ...person,
      keypoints: convertKeypoints(person.keypoints, keypointSet, LSP),
    }));
    return { persons: named, readImage };
  }
  const small = { training: people(1), test: people(2), keypointSet: LSP, inputSize: [32, 32], shorten: 0.1 } as const;

  it('runs a row to its end in the paper’s metric, and gives the same when stopped and gone on with', async () => {
    const whole = await reproduceRow('lsp-resnet18', { ...small, store: memoryStore() });
    expect(whole).toMatchObject({
      row: 'resnet18',
      metric: 'batch PCK',
      reported: 56.9,
      state: 'run',
      epochs: 2,
      epochsOfPaper: 20,
      inputSize: [32, 32],
      weights: 'from scratch',
    });
    expect(whole.ours).toBe(100 * whole.history!.at(-1)!.metrics['PCK']!);
    expect(whole.history![0]!.metrics['peak']).toBeCloseTo(0, 2); // nothing is learnt in a step

    const store = memoryStore();
    const controller = new AbortController();
    const stop = { onEpoch: () => controller.abort() };
    const stopped = await reproduceRow('lsp-resnet18', {
      ...small,
      store,
      signal: controller.signal,
      callbacks: [stop],
    });
    expect(stopped.state).toBe('stopped');
    const again = await reproduceRow('lsp-resnet18', { ...small, store });
    expect(again.history).toEqual(whole.history);
  });

  it('begins with weights and says which, and can leave targets plain', async () => {
    const begin = async (): Promise<string> => 'resnet18.pth';
    const row = await reproduceRow('lsp-resnet18', {
      ...small,
      shorten: 0.05,
      store: memoryStore(),
      begin,
      plain: true,
    });
    expect(row).toMatchObject({ weights: 'resnet18.pth', plain: true, epochs: 1 });
    const scaled = await reproduceRow('lsp-resnet18', { ...small, shorten: 0.05, store: memoryStore() });
    expect(scaled.history![0]!.loss).toBeGreaterThan(100 * row.history![0]!.loss); // heights of 100 against 1, squared
  });
});

describe('the table', () => {
  const history = [0, 1].map((epoch) => ({ epoch, step: epoch, loss: 1 / (epoch + 1), learningRate: 1, metrics: { PCK: 0.1 * epoch } })); // prettier-ignore
  const rows: Reproduction[] = [
    { ...rowOf('lsp-base'), note: 'no weights, "none" | nowhere' },
    { ...rowOf('lsp-resnet18'), state: 'run', ours: 12.34, epochs: 2, inputSize: [64, 64], seed: 1, weights: 'from scratch', plain: true, hours: 0.5, history }, // prettier-ignore
  ];

  it('is Markdown, with the paper’s figure beside ours and what was shortened', () => {
    const lines = reproductionMarkdown(rows).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain(
      '| base | 57.1 | – | batch PCK | not run: no weights, "none" \\| nowhere | 20 | 256×256 |',
    );
    expect(lines[3]).toBe(
      '| resnet18 | 56.9 | 12.3 | batch PCK | run | 2 of 20 | 64×64 of 256×256 | from scratch | plain | 1 | 0.50 |',
    );
  });

  it('is CSV', () => {
    const lines = reproductionCsv(rows).split('\n');
    expect(lines[0]).toMatch(/^row,paper,here,metric/);
    expect(lines[1]).toContain('"not run: no weights, ""none"" | nowhere"');
  });

  it('is a page with the curves of what was run', () => {
    const page = reproductionHtml('000', rows);
    expect(page).toContain('<title>Paper 000: its table, and ours</title>');
    expect(page.match(/<svg/g)).toHaveLength(2); // loss and PCK
    expect(reproductionHtml('000', rows.slice(0, 1))).not.toContain('<svg');
  });
});
