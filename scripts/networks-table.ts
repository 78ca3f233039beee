import { readFileSync, writeFileSync } from 'node:fs';
import { useEngine } from 'poseblocks/engines';
import { countMacs, countMacsOfPaper, countParams, countTrainableParams } from 'poseblocks/metrics';
import { keypointRcnn, keypointRcnnHead, lastOutput } from 'poseblocks/networks';
import {
  COCO_COMPARISON,
  HOURGLASS_DESIGNS,
  LSP_BASELINES,
  paperNetwork,
  paperNetworks,
  QUOTED_NETWORKS,
  quotedNetwork,
  REDUCED_HOURGLASS,
  type PaperNetwork,
  type QuotedNetwork,
} from 'poseblocks/recipes';
import { speedSection } from './networks-speed';

/**
 * Writes docs/networks.md from the code and the reference counts. `npx tsx scripts/networks-table.ts --check` fails where the file is not what it would write.
 */
const PATH = 'docs/networks.md';
const FIXTURE = 'test/fixtures/networks.json';
const QUOTED_FIXTURE = 'test/fixtures/quoted/quoted_networks.json';

interface Reference {
  id: string;
  table: string;
  row: string;
  paper: Record<string, string | number | null>;
  params?: number;
  trainable?: number;
  macs?: number;
  macs_hrnet_convention?: number;
  match: string;
}

interface QuotedReference extends Reference {
  params_inference?: number;
}

const PAPERS: Readonly<
  Record<string, [title: string, table: Readonly<Record<string, { paper: object }>>, call: string]>
> = {
  '000': ['Giacomo Virginio, *Human Pose Estimation on LSP Dataset*', LSP_BASELINES, 'lspBaseline'],
  '001': [
    'Kim, Novossyolov and Nurambek, *Human Pose Estimation* (reduced hourglass)',
    REDUCED_HOURGLASS,
    'reducedHourglass',
  ],
  '002': ['Mothilal Asokan, *CV701 Assignment-4* (hourglass block designs)', HOURGLASS_DESIGNS, 'hourglassDesign'],
  '003': ['Zhang, Tang and Wu, *Simple and Lightweight Human Pose Estimation*', COCO_COMPARISON, 'cocoComparison'],
};

const integer = (value: number): string => value.toLocaleString('en-US');
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const giga = (value: number): string => (value / 2 ** 30).toFixed(4);

/** The fixture's verdict in the page's words. */
const inWords = (match: string): string =>
  match.replace('(both figures)', '(both counts)').replace('no figure in paper', 'the paper gives no count');

/** The paper's own columns, as `params 2.9M, AP 69.1`. */
const printed = (paper: object): string =>
  Object.entries(paper)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ') || '–';

/** What the reference implementation counts and we do not, or nothing. */
function differences(id: PaperNetwork, reference: Reference): { cells: string[]; wrong: string[] } {
  const network = paperNetwork(id, { initialization: 'none' });
  const ours = {
    params: countParams(network),
    trainable: countTrainableParams(network),
    macs: countMacs(network),
    macs_hrnet_convention: countMacsOfPaper(network),
  };
  const [size] = network.inputs.map(({ shape }) => `${shape[1]}×${shape[2]}`);
  network.dispose();
  const wrong = (Object.keys(ours) as (keyof typeof ours)[]).filter((key) => ours[key] !== reference[key]);
  const { params, trainable, macs, macs_hrnet_convention } = ours;
  return { cells: [size!, integer(params), integer(trainable), integer(macs), giga(macs_hrnet_convention)], wrong };
}

const HEAD = [
  'row',
  'paper prints',
  'input',
  'parameters',
  'trainable',
  'multiply–adds',
  'G, paper’s convention',
  'equal to reference',
  'compared with the paper',
];

function section(prefix: string, references: readonly Reference[], failures: string[]): string[] {
  const [title, table, call] = PAPERS[prefix]!;
  const own = references.filter(({ id }) => id.startsWith(prefix) && !id.includes('quoted'));
  const lines = own.map((reference) => {
    const key = reference.id.slice(4);
    const { cells, wrong } = differences(reference.id as PaperNetwork, reference);
    if (wrong.length > 0) failures.push(`${reference.id}: ${wrong.join(', ')}`);
    const verdict = wrong.length === 0 ? 'yes' : `no: ${wrong.join(', ')}`;
    return row([`\`${key}\``, printed(table[key]!.paper), ...cells, verdict, inWords(reference.match)]);
  });
  return [
    `## ${prefix}: ${title}`,
    '',
    `Build a row with \`${call}('${own[0]!.id.slice(4)}')\`, or \`paperNetwork('${own[0]!.id}')\`.`,
    '',
    row(HEAD),
    row(HEAD.map(() => '---')),
    ...lines,
    '',
  ];
}

const QUOTED_HEAD = [
  'row',
  'printed',
  'input',
  'parameters',
  'of which deployed',
  'multiply–adds',
  'G, real',
  'G, paper’s convention',
  'equal to reference',
  'compared with the paper, and why',
];

/** What is not built, by its row in the reference table, and why. */
const NOT_BUILT: Readonly<Record<string, string>> = {
  'keypoint-rcnn-r50fpn':
    'not built: the detector is out of scope; the row above is its keypoint branch on given boxes',
  'cpn-resnet-inception':
    'not built: the backbone was never released, and the paper gives no count; `cpn` takes any backbone of four levels',
};

function quotedRow(reference: QuotedReference, failures: string[]): string {
  const id = reference.id.slice(4) as QuotedNetwork;
  const { paper, reason, ...rest } = QUOTED_NETWORKS[id];
  const network = quotedNetwork(id, { initialization: 'none' });
  const deployed = lastOutput(network);
  const counted = 'deployed' in rest ? deployed : network;
  const ours: Partial<Record<keyof QuotedReference, number>> = {
    params: countParams(network),
    trainable: countTrainableParams(network),
    macs: countMacs(counted),
    macs_hrnet_convention: countMacsOfPaper(counted),
    ...(reference.params_inference !== undefined && { params_inference: countParams(deployed) }),
  };
  const wrong = Object.entries(ours).filter(([key, value]) => value !== reference[key as keyof QuotedReference]);
  if (wrong.length > 0) failures.push(`${reference.id}: ${wrong.map(([key]) => key).join(', ')}`);
  const [size] = network.inputs.map(({ shape }) => `${shape[1]}×${shape[2]}`);
  const cells = [
    `\`${id}\``,
    printed(paper),
    size!,
    integer(countParams(network)),
    integer(countParams(deployed)),
    integer(countMacs(counted)),
    giga(countMacs(counted)),
    giga(countMacsOfPaper(counted)),
    wrong.length === 0 ? 'yes' : 'no',
    reason,
  ];
  network.dispose();
  return row(cells);
}

interface BranchReference {
  id: string;
  params: number;
  macs_head_per_roi: number;
}

/** Mask R-CNN's keypoint branch has boxes as a second input; the rest of its backbone's multiply–adds the reference has in the detector's row. */
function branchRow({ params, macs_head_per_roi }: BranchReference, failures: string[]): string {
  const network = keypointRcnn('resnet-50', { inputShape: [800, 1088, 3], boxes: 1, initialization: 'none' });
  const head = keypointRcnnHead({ initialization: 'none' });
  const [macs, perPerson] = [countMacs(network), countMacs(head)];
  const equal = countTrainableParams(network) === params && perPerson === macs_head_per_roi;
  if (!equal) failures.push('keypoint-rcnn-branch');
  const cells = [
    '`keypointRcnn()`',
    'AP 63.1',
    '800×1088 and a box',
    integer(countParams(network)),
    integer(countTrainableParams(network)),
    integer(macs),
    giga(macs),
    giga(countMacsOfPaper(network)),
    equal ? 'yes' : 'no',
    `the paper gives no count; ${giga(macs - perPerson)} per image and ${giga(perPerson)} per person; deployed parameters exclude those of frozen normalisations, as in torchvision; the AP is that of the whole detector`,
  ];
  network.dispose();
  head.dispose();
  return row(cells);
}

function quotedSection(references: readonly QuotedReference[], failures: string[]): string[] {
  // In the order of the code, for a reason may speak of the row above.
  const built = Object.keys(QUOTED_NETWORKS).flatMap((name) => references.filter(({ id }) => id === `003-${name}`));
  const missing = references.filter(({ id }) => id.slice(4) in NOT_BUILT);
  const branch = references.find(({ id }) => id === '003-keypoint-rcnn-branch')!;
  return [
    '## Systems that paper 003 compares with',
    '',
    `Build a row with \`quotedNetwork('${built[0]!.id.slice(4)}')\`, or \`paperNetwork('${built[0]!.id}')\`; [quoted systems](quoted-systems.md) is their guide. *Of which`,
    'deployed* is what `lastOutput` keeps, without heads that only training needs; multiply–adds are of the deployed network in the rows of `cpn50-paper` and those named',
    'for a path, whose print counts so, and of all outputs elsewhere. AP is the print’s, of weights that are not here.',
    '',
    row(QUOTED_HEAD),
    row(QUOTED_HEAD.map(() => '---')),
    ...built.map((reference) => quotedRow(reference, failures)),
    branchRow(branch as unknown as BranchReference, failures),
    ...missing.map(({ id, row: name, paper }) =>
      row([name, printed(paper), '', '', '', '', '', '', '', NOT_BUILT[id.slice(4)]!]),
    ),
    '',
  ];
}

async function table(): Promise<string> {
  await useEngine('cpu');
  const { networks } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { networks: Reference[] };
  const { networks: quoted } = JSON.parse(readFileSync(QUOTED_FIXTURE, 'utf8')) as { networks: QuotedReference[] };
  const missing = networks.filter(({ id }) => !id.includes('quoted') && !paperNetworks().includes(id as PaperNetwork));
  if (missing.length > 0) throw new Error(`no network for ${missing.map(({ id }) => id).join(', ')}`);
  const failures: string[] = [];
  const sections = Object.keys(PAPERS).flatMap((prefix) => section(prefix, networks, failures));
  sections.push(...quotedSection(quoted, failures), ...speedSection());
  if (failures.length > 0) throw new Error(`counts differ from the reference: ${failures.join('; ')}`);
  return [
    '# Every network of the four papers',
    '',
    '<!-- Written by scripts/networks-table.ts; do not edit. -->',
    '',
    'Counts are of the networks as this package builds them. *Equal to reference* compares parameters, trainable parameters and multiply–adds, in both',
    'conventions, with the PyTorch implementations: the same integers. *Compared with the paper* states how the counts relate to those printed in the paper.',
    '',
    '- **Input** is height × width in pixels, as in `inputShape`; recipes and codecs have `[width, height]`.',
    '- **Multiply–adds** are real: weights × positions at which they are applied (`countMacs`).',
    '- **G, paper’s convention** is weights × output positions ÷ 2³⁰ (`countMacsOfPaper`), which counts a transposed convolution of stride 2 four times.',
    '- **Trainable** excludes frozen layers (`countTrainableParams`); statistics of batch normalisation are not parameters.',
    '',
    ...sections,
  ].join('\n');
}

const text = await table();
if (!process.argv.includes('--check')) writeFileSync(PATH, text);
else if (readFileSync(PATH, 'utf8') !== text) {
  console.error(`${PATH} is not what the code gives: run npx tsx scripts/networks-table.ts`);
  process.exitCode = 1;
}
