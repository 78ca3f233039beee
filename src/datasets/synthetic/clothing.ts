import type { Random } from '../../random';
import type { Paint, Rgb } from './canvas';

/** The clothes of a figure; `along` of a limb's paint decides where a sleeve ends. */
export interface Clothing {
  readonly skin: Rgb;
  readonly hair: Rgb;
  readonly longHair: boolean;
  readonly shirt: Paint;
  readonly trousers: Paint;
  readonly shoes: Rgb;
  /** A strip on the front of the shirt, or a badge on the left of the chest: visible only from the front. */
  readonly front: { readonly color: Rgb; readonly kind: 'zip' | 'badge' };
  readonly backpack: Rgb | undefined;
  /** How much of both arm segments (0–2) the sleeve covers, and of both leg segments the trousers. */
  readonly sleeve: number;
  readonly leg: number;
}

const SKINS: readonly Rgb[] = [
  [250, 218, 194],
  [236, 190, 160],
  [214, 160, 120],
  [176, 120, 84],
  [130, 84, 58],
  [88, 58, 42],
];
const HAIRS: readonly Rgb[] = [
  [30, 24, 20],
  [70, 46, 30],
  [128, 88, 50],
  [206, 170, 104],
  [150, 70, 40],
  [180, 180, 178],
];

/** A colour by hue, saturation and value, each drawn uniformly. */
export function randomColor(random: Random, saturation = 0.9): Rgb {
  const [hue, s, v] = [6 * random.next(), saturation * random.next(), random.uniform(0.15, 1)];
  return [5, 3, 1].map((n) => {
    const k = (n + hue) % 6;
    return 255 * v * (1 - s * Math.max(0, Math.min(k, 4 - k, 1)));
  }) as unknown as Rgb;
}

/** Cloth in one or two colours: plain, striped lengthwise or crosswise, chequered, dotted or mottled. */
export function randomCloth(random: Random): Paint {
  const a = randomColor(random);
  const b = randomColor(random);
  const frequency = random.uniform(3, 9);
  const kind = random.integer(8);
  const choose = (second: boolean, ink: Float64Array): void => {
    const from = second ? b : a;
    for (let c = 0; c < 3; c++) ink[c] = from[c]!;
  };
  const even = (value: number): boolean => (Math.floor(value) & 1) === 0;
  switch (kind) {
    case 0:
      return (ink, along) => choose(even(frequency * 2 * along), ink);
    case 1:
      return (ink, _, across) => choose(even(frequency * (across + 1)), ink);
    case 2:
      return (ink, along, across) => choose(even(frequency * along) !== even((frequency * (across + 1)) / 2), ink);
    case 3:
      return (ink, along, across) =>
        choose(Math.hypot((frequency * along) % 1, ((frequency * (across + 2)) / 2) % 1) < 0.5, ink);
    default:
      return (ink) => choose(false, ink);
  }
}

export function randomClothing(random: Random): Clothing {
  return {
    skin: random.pick(SKINS).map((value) => Math.min(255, value * random.uniform(0.92, 1.05))) as unknown as Rgb,
    hair: random.pick(HAIRS),
    longHair: random.chance(0.4),
    shirt: randomCloth(random),
    trousers: randomCloth(random),
    shoes: randomColor(random, 0.6),
    front: { color: randomColor(random), kind: random.chance(0.5) ? 'zip' : 'badge' },
    backpack: random.chance(0.25) ? randomColor(random) : undefined,
    sleeve: random.pick([0, 0.5, 0.7, 1.4, 1.9, 1.9]),
    leg: random.pick([0.5, 0.8, 1.85, 1.9, 1.9]),
  };
}

/** Shades a paint like a round body lit from the side: darker at its edges, most at the edge away from the light. */
export function rounded(paint: Paint, light: number): Paint {
  return (ink, along, across, x, y) => {
    paint(ink, along, across, x, y);
    const side = across < -1 ? -1 : across > 1 ? 1 : across;
    const factor = 1.04 - 0.32 * side * side + 0.16 * light * side;
    for (let c = 0; c < 3; c++) ink[c]! *= factor;
  };
}
