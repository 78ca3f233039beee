import { seededRandom } from 'poseblocks/random';
import { AP10K, COCO, FACE_68, HAND_21, keypointSet, type KeypointSet } from 'poseblocks/keypoints';

/** An annotation file as a data set is published, or as MMPose converts it: its fields, names and omissions, with people of our own. */
export interface Published {
  readonly name: string;
  /** Keypoints that records have. */
  readonly keypoints: number;
  /** What the category says: names (and a skeleton), or an empty list. */
  readonly category: {
    readonly name: string;
    readonly keypoints: readonly string[];
    readonly skeleton?: readonly (readonly number[])[];
  };
  /** Fields that its records do not have. */
  readonly without?: readonly ('area' | 'num_keypoints' | 'iscrowd')[];
  /** Images do not say their size. */
  readonly unsized?: boolean;
  /** Fields beside COCO's. */
  readonly more?: (keypoints: readonly number[]) => Record<string, unknown>;
  /** The set that the caller gives, where the file has no names. */
  readonly given?: KeypointSet;
  /** What is read: the number of edges of the set, and its name. */
  readonly reads: { readonly set?: string; readonly edges: number };
}

const numbered = (count: number, prefix = 'kpt-'): string[] => Array.from({ length: count }, (_, k) => `${prefix}${k}`);
const set = (name: string, count: number): KeypointSet => keypointSet({ name, names: numbered(count) });
const chain = (count: number, first = 1): number[][] =>
  Array.from({ length: count - 1 }, (_, k) => [k + first, k + first + 1]);
const COCO_SKELETON = [
  [16, 14],
  [14, 12],
  [17, 15],
  [15, 13],
  [12, 13],
  [6, 12],
  [7, 13],
  [6, 7],
  [6, 8],
  [7, 9],
  [8, 10],
  [9, 11],
];
const named = (name: string, keypoints: readonly string[], more: Partial<Published> = {}): Published => ({
  name,
  keypoints: keypoints.length,
  category: { name, keypoints, skeleton: chain(keypoints.length) },
  reads: { edges: keypoints.length - 1 },
  ...more,
});
/** Faces and whole bodies, whose category lists no names. */
const nameless = (name: string, given: KeypointSet, more: Partial<Published> = {}): Published => ({
  name,
  keypoints: given.names.length,
  category: { name: 'face', keypoints: [], skeleton: [] },
  given,
  reads: { set: given.name, edges: given.edges.length },
  ...more,
});
const coco = (name: string, more: Partial<Published> = {}): Published => ({
  name,
  keypoints: 17,
  category: { name: 'person', keypoints: COCO.names, skeleton: COCO_SKELETON },
  reads: { set: 'coco', edges: COCO.edges.length },
  ...more,
});
const hand = (name: string, more: Partial<Published> = {}): Published => named(name, HAND_21.names, more);
const face = { more: () => ({ center: [100, 100], scale: 0.64 }) };

/** The 31 that MMPose's tests hold in COCO's format. */
export const PUBLISHED: readonly Published[] = [
  coco('coco'),
  coco('ochuman'),
  coco('coco-wholebody', {
    more: (k) => ({
      foot_kpts: k.slice(0, 18),
      face_kpts: new Array(204).fill(0),
      lefthand_kpts: new Array(63).fill(0),
      righthand_kpts: new Array(63).fill(0),
      face_valid: false,
      wholebody_score: 1,
    }),
  }),
  // The names of 21 keypoints, of which `keypoints` has COCO's 17 and `keypoints_21` all.
  {
    ...coco('human-art', {
      more: (k) => ({ keypoints_21: [...k, ...new Array<number>(12).fill(0)], num_keypoints_21: 17, self_contact: [] }),
    }),
    category: {
      name: 'person',
      keypoints: [...COCO.names, 'left_finger', 'right_finger', 'left_toe', 'right_toe'],
      skeleton: COCO_SKELETON,
    },
  },
  // COCO's skeleton of 17 under 14 names, and no area.
  {
    name: 'crowdpose',
    keypoints: 14,
    category: {
      name: 'person',
      keypoints: [
        'left_shoulder',
        'right_shoulder',
        'left_elbow',
        'right_elbow',
        'left_wrist',
        'right_wrist',
        'left_hip',
        'right_hip',
        'left_knee',
        'right_knee',
        'left_ankle',
        'right_ankle',
        'head',
        'neck',
      ],
      skeleton: COCO_SKELETON,
    },
    without: ['area'],
    reads: { set: 'crowdpose', edges: 15 },
  },
  named(
    'aic',
    [
      'Right Shoulder',
      'Right Elbow',
      'Right Wrist',
      'Left Shoulder',
      'Left Elbow',
      'Left Wrist',
      'Right Hip',
      'Right Knee',
      'Right Ankle',
      'Left Hip',
      'Left Knee',
      'Left Ankle',
      'Head top',
      'Neck',
    ],
    { without: ['area', 'iscrowd'] },
  ),
  named('posetrack18', ['nose', 'head_bottom', 'head_top', ...COCO.names.slice(3)], {
    without: ['area', 'num_keypoints', 'iscrowd'],
    unsized: true,
    more: () => ({ track_id: 0, scores: [] }),
  }),
  named(
    'jhmdb',
    [
      'neck',
      'belly',
      'head',
      'right_shoulder',
      'left_shoulder',
      'right_hip',
      'left_hip',
      'right_elbow',
      'left_elbow',
      'right_knee',
      'left_knee',
      'right_wrist',
      'left_wrist',
      'right_ankle',
      'left_ankle',
    ],
    { without: ['area', 'num_keypoints', 'iscrowd'], more: () => ({ track_id: 0, scores: [] }) },
  ),
  named(
    'mhp',
    [
      'Right-ankle',
      'Right-knee',
      'Right-hip',
      'Left-hip',
      'Left-knee',
      'Left-ankle',
      'Pelvis',
      'Thorax',
      'Upper-neck',
      'Head-top',
      'Right-wrist',
      'Right-elbow',
      'Right-shoulder',
      'Left-shoulder',
      'Left-elbow',
      'Left-wrist',
    ],
    { more: () => ({ segmentation: [] }) },
  ),
  named('exlpose', numbered(14)),
  // Its skeleton counts from 0.
  named(
    'atrw',
    [
      'left_ear',
      'right_ear',
      'nose',
      'right_shoulder',
      'right_front_paw',
      'left_shoulder',
      'left_front_paw',
      'right_hip',
      'right_knee',
      'right_back_paw',
      'left_hip',
      'left_knee',
      'left_back_paw',
      'tail',
      'center',
    ],
    {
      category: {
        name: 'tiger',
        keypoints: [
          'left_ear',
          'right_ear',
          'nose',
          'right_shoulder',
          'right_front_paw',
          'left_shoulder',
          'left_front_paw',
          'right_hip',
          'right_knee',
          'right_back_paw',
          'left_hip',
          'left_knee',
          'left_back_paw',
          'tail',
          'center',
        ],
        skeleton: [
          [0, 2],
          [1, 2],
          [2, 14],
          [5, 6],
          [5, 14],
          [3, 4],
          [3, 14],
          [13, 14],
          [9, 8],
          [8, 7],
          [7, 13],
          [12, 11],
          [11, 10],
          [10, 13],
        ],
      },
      reads: { edges: 14 },
    },
  ),
  named('ap10k', AP10K.names),
  named('animalpose', numbered(20)),
  named('animalkingdom', numbered(23)),
  named('horse10', numbered(22)),
  named('macaque', COCO.names, { reads: { set: 'coco', edges: COCO.edges.length } }),
  named('zebra', numbered(9)),
  named('fly', numbered(32)),
  named('locust', numbered(35)),
  hand('onehand10k'),
  hand('freihand'),
  hand('panoptic', { more: () => ({ head_size: 50, hand_type: 'right' }) }),
  hand('rhd', { more: () => ({ hand_type: [1, 0], joint_cam: [] }) }),
  named('deepfashion2', numbered(294), { more: () => ({ pair_id: 1 }) }),
  named('fld', numbered(8)),
  nameless('300w', FACE_68, face),
  nameless('cofw', set('cofw', 29)),
  nameless('aflw', set('aflw', 19), { more: () => ({ center: [100, 100], scale: 0.64, box_size: 128 }) }),
  nameless('wflw', set('wflw', 98), face),
  nameless('lapa', set('lapa', 106), face),
  nameless('halpe', set('halpe', 136)),
];

interface Files {
  readonly annotations: { images: object[]; annotations: Record<string, unknown>[]; categories: object[] };
  readonly results: { image_id: number; category_id: number; keypoints: number[]; score: number }[];
}

/** Its annotations and results of a detector, drawn from its name; the same on every machine. */
export function filesOf({
  name,
  keypoints: K,
  category,
  without = [],
  unsized = false,
  more = () => ({}),
}: Published): Files {
  const source = seededRandom([...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7));
  const random = (): number => source.next();
  const round = (value: number): number => Math.round(value * 100) / 100;
  const images = Array.from({ length: 4 }, (_, i) => ({
    id: 10 * i + 1,
    file_name: `${i}.jpg`,
    ...(unsized ? {} : { width: 640, height: 480 }),
  }));
  const results: Files['results'] = [];
  const annotations = Array.from({ length: 12 }, (_, i) => {
    const [width, height] = [20 + 200 * random(), 30 + 250 * random()];
    const [x, y] = [(620 - width) * random(), (460 - height) * random()];
    const keypoints = Array.from({ length: K }, () => {
      const v = [0, 1, 2, 2][Math.floor(4 * random())]!;
      return v === 0 ? [0, 0, 0] : [round(x + width * random()), round(y + height * random()), v];
    }).flat();
    const image_id = images[i % 4]!.id;
    const labelled = keypoints.filter((v, j) => j % 3 === 2 && v > 0).length;
    const area = round(0.6 * width * height);
    for (let d = 0; d < 2; d++) {
      const noise = (d === 0 ? 0.06 : 0.25) * Math.sqrt(area) * random();
      const moved = keypoints.map((v, j) =>
        j % 3 === 2 ? 1 : round((v || (j % 3 === 0 ? x : y)) + noise * (random() - 0.5)),
      );
      results.push({ image_id, category_id: 1, keypoints: moved, score: round(random()) + results.length / 1e4 });
    }
    const record: Record<string, unknown> = {
      id: 100 + i,
      image_id,
      category_id: 1,
      bbox: [round(x), round(y), round(width), round(height)],
      keypoints,
      num_keypoints: labelled,
      area,
      iscrowd: 0,
      ...more(keypoints),
    };
    for (const field of without) delete record[field];
    return record;
  });
  return { annotations: { images, annotations, categories: [{ supercategory: 'any', id: 1, ...category }] }, results };
}
