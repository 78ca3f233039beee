export type Point = readonly [x: number, y: number];
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Colours one pixel of a shape: writes red, green, blue (0–255) into `ink`. `along` and `across` are coordinates of the
 * shape (`along` 0–1 from end to end, `across` −1–1 from edge to edge), so that patterns follow a limb.
 */
export type Paint = (ink: Float64Array, along: number, across: number, x: number, y: number) => void;

/** An RGB image that stores for every pixel which shape was drawn there last. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB; stored values are clamped and rounded. */
  readonly data: Uint8ClampedArray;
  /** The `owner` of the topmost shape at each pixel's centre; 0 is background. */
  readonly owner: Uint16Array;
}

export function canvas(width: number, height: number): Canvas {
  return { width, height, data: new Uint8ClampedArray(3 * width * height), owner: new Uint16Array(width * height) };
}

/** One colour. */
export function solid([r, g, b]: Rgb): Paint {
  return (ink) => {
    ink[0] = r;
    ink[1] = g;
    ink[2] = b;
  };
}

/**
 * A limb: a capsule with radius `ra` at `a` and `rb` at `b`. Edges are anti-aliased over one pixel by the
 * signed distance.
 */
export function drawCapsule(
  target: Canvas,
  a: Point,
  b: Point,
  ra: number,
  rb: number,
  paint: Paint,
  owner: number,
): void {
  const [ax, ay] = a;
  const dx = b[0] - ax;
  const dy = b[1] - ay;
  const length2 = Math.max(dx * dx + dy * dy, 1e-9);
  const length = Math.sqrt(length2);
  const r = Math.max(ra, rb);
  const box: Box4 = [
    Math.min(a[0], b[0]) - r,
    Math.min(a[1], b[1]) - r,
    Math.max(a[0], b[0]) + r,
    Math.max(a[1], b[1]) + r,
  ];
  drawDistance(target, box, paint, owner, (x, y, place) => {
    const px = x - ax;
    const py = y - ay;
    const t = Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
    const radius = ra + (rb - ra) * t;
    place[0] = t;
    place[1] = (px * dy - py * dx) / (length * Math.max(radius, 1e-9));
    const ex = px - t * dx;
    const ey = py - t * dy;
    return Math.sqrt(ex * ex + ey * ey) - radius;
  });
}

/** An ellipse with half-axes `rx`, `ry`, turned by `angle` radians. */
export function drawEllipse(
  target: Canvas,
  center: Point,
  rx: number,
  ry: number,
  angle: number,
  paint: Paint,
  owner: number,
): void {
  const [cx, cy] = center;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const r = Math.max(rx, ry);
  const box: Box4 = [center[0] - r, center[1] - r, center[0] + r, center[1] + r];
  drawDistance(target, box, paint, owner, (x, y, place) => {
    const px = x - cx;
    const py = y - cy;
    const u = (cos * px + sin * py) / rx;
    const v = (cos * py - sin * px) / ry;
    const k = Math.sqrt(u * u + v * v);
    place[0] = (v + 1) / 2;
    place[1] = u;
    // First-order distance to the ellipse: the implicit function divided by its gradient.
    return k < 1e-6 ? -Math.min(rx, ry) : ((k - 1) * k) / Math.sqrt((u / rx) ** 2 + (v / ry) ** 2);
  });
}

/**
 * A convex polygon (corners clockwise on the screen), grown and rounded by `rounding`. `along` runs from the centre of
 * its first edge to the opposite side; `across` is measured over `halfWidth`.
 */
export function drawPolygon(
  target: Canvas,
  corners: readonly Point[],
  rounding: number,
  paint: Paint,
  owner: number,
): void {
  const [first, second] = corners as [Point, Point];
  const middle: Point = [(first[0] + second[0]) / 2, (first[1] + second[1]) / 2];
  const last = corners[corners.length - 1]!;
  const third = corners[2]!;
  const [ax, ay] = [(third[0] + last[0]) / 2 - middle[0], (third[1] + last[1]) / 2 - middle[1]];
  const length2 = Math.max(ax * ax + ay * ay, 1e-9);
  const half = Math.max(Math.hypot(second[0] - first[0], second[1] - first[1]) / 2 + rounding, 1e-9);
  const across = Math.sqrt(length2) * half;
  const edges = corners.map((from, i) => {
    const to = corners[(i + 1) % corners.length]!;
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.max(Math.hypot(dx, dy), 1e-9);
    return { x: from[0], y: from[1], dx: dx / length, dy: dy / length, length };
  });
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const box: Box4 = [
    Math.min(...xs) - rounding,
    Math.min(...ys) - rounding,
    Math.max(...xs) + rounding,
    Math.max(...ys) + rounding,
  ];
  drawDistance(target, box, paint, owner, (x, y, place) => {
    const px = x - middle[0];
    const py = y - middle[1];
    place[0] = (px * ax + py * ay) / length2;
    place[1] = (py * ax - px * ay) / across;
    let inside = -Infinity;
    let outside2 = Infinity;
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i]!;
      const qx = x - edge.x;
      const qy = y - edge.y;
      inside = Math.max(inside, qx * edge.dy - qy * edge.dx);
      const t = Math.min(edge.length, Math.max(0, qx * edge.dx + qy * edge.dy));
      const ox = qx - t * edge.dx;
      const oy = qy - t * edge.dy;
      outside2 = Math.min(outside2, ox * ox + oy * oy);
    }
    return (inside <= 0 ? inside : Math.sqrt(outside2)) - rounding;
  });
}

type Box4 = readonly [left: number, top: number, right: number, bottom: number];

/** Draws where a signed distance is negative; `distance` also writes (along, across) into `place`. */
function drawDistance(
  { width, height, data, owner: owners }: Canvas,
  [left, top, right, bottom]: Box4,
  paint: Paint,
  owner: number,
  distance: (x: number, y: number, place: Float64Array) => number,
): void {
  const place = new Float64Array(2);
  const ink = new Float64Array(3);
  const [x0, x1] = [Math.max(0, Math.floor(left - 1)), Math.min(width - 1, Math.ceil(right + 1))];
  const [y0, y1] = [Math.max(0, Math.floor(top - 1)), Math.min(height - 1, Math.ceil(bottom + 1))];
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const signed = distance(x, y, place);
      if (signed >= 0.5) continue;
      const opacity = Math.min(1, 0.5 - signed);
      paint(ink, place[0]!, place[1]!, x, y);
      const at = y * width + x;
      for (let c = 0; c < 3; c++) {
        data[3 * at + c]! += opacity * (ink[c]! - data[3 * at + c]!);
      }
      if (signed <= 0) owners[at] = owner;
    }
  }
}
