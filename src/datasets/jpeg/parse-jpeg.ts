/** A colour component of a {@link JpegFrame}: sampling factors and the numbers of its tables. */
export interface JpegComponent {
  readonly h: number;
  readonly v: number;
  readonly quantization: number;
  readonly dc: number;
  readonly ac: number;
}

/** What a baseline JPEG says before its pixels; tables as the file has them. */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  /** Y, Cb and Cr. */
  readonly components: readonly [JpegComponent, JpegComponent, JpegComponent];
  /** 64 steps each, in zigzag order. */
  readonly quantization: readonly (Uint8Array | undefined)[];
  /** DC tables 0 and 1, then AC tables 0 and 1: 16 counts, then the symbols. */
  readonly huffman: readonly (Uint8Array | undefined)[];
  /** Where the entropy-coded bytes begin. */
  readonly scan: number;
}

/**
 * Reads the headers of a JPEG as most cameras and datasets write them: baseline, 8 bits, YCbCr at 4:4:4, 4:2:2 or 4:2:0,
 * one scan, no restarts.
 *
 * @returns undefined for whatever else the file may be.
 */
export function parseJpeg(file: Uint8Array): JpegFrame | undefined {
  const quantization: (Uint8Array | undefined)[] = [];
  const huffman: (Uint8Array | undefined)[] = [];
  let frame: Uint8Array | undefined;
  if (file[0] !== 0xff || file[1] !== 0xd8) return undefined;
  for (let at = 2; at + 4 <= file.length;) {
    const length = (file[at + 2]! << 8) | file[at + 3]!;
    const body = file.subarray(at + 4, at + 2 + length);
    if (file[at] !== 0xff || length < 2 || body.length !== length - 2) return undefined;
    switch (file[at + 1]) {
      case 0xc0:
        if (frame !== undefined) return undefined;
        frame = body;
        break;
      case 0xc4:
        if (!readHuffman(body, huffman)) return undefined;
        break;
      case 0xdb:
        if (!readQuantization(body, quantization)) return undefined;
        break;
      case 0xda:
        return frame && readScan(frame, body, { quantization, huffman, scan: at + 2 + length });
      case 0xee:
        // Adobe's: 0 says RGB. libjpeg may weigh it otherwise than we would.
        if (text(body, 5) === 'Adobe' && body[11] !== 1) return undefined;
        break;
      case 0xfe: // a comment
        break;
      default:
        if ((file[at + 1]! & 0xf0) !== 0xe0) return undefined; // neither data of an application
    }
    at += 2 + length;
  }
  return undefined;
}

function text(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, length));
}

function readQuantization(body: Uint8Array, tables: (Uint8Array | undefined)[]): boolean {
  if (body.length % 65 !== 0) return false;
  for (let at = 0; at < body.length; at += 65) {
    if (body[at]! > 3) return false;
    tables[body[at]!] = body.subarray(at + 1, at + 65);
  }
  return true;
}

function readHuffman(body: Uint8Array, tables: (Uint8Array | undefined)[]): boolean {
  let at = 0;
  while (at + 17 <= body.length) {
    const kind = body[at]! >> 4;
    const id = body[at]! & 15;
    const count = body.subarray(at + 1, at + 17).reduce((sum, n) => sum + n, 0);
    if (kind > 1 || id > 1 || count > 256 || at + 17 + count > body.length) return false;
    tables[2 * kind + id] = body.subarray(at + 1, at + 17 + count);
    at += 17 + count;
  }
  return at === body.length;
}

function readScan(
  frame: Uint8Array,
  scan: Uint8Array,
  rest: Pick<JpegFrame, 'quantization' | 'huffman' | 'scan'>,
): JpegFrame | undefined {
  if (frame.length !== 15 || frame[0] !== 8 || frame[5] !== 3) return undefined;
  if (scan.length !== 10 || scan[0] !== 3 || scan[7] !== 0 || scan[8] !== 63 || scan[9] !== 0) return undefined;
  const components: JpegComponent[] = [];
  for (let n = 0; n < 3; n++) {
    // Other numbers than 1, 2 and 3 may spell RGB.
    if (frame[6 + 3 * n] !== n + 1 || scan[1 + 2 * n] !== n + 1) return undefined;
    const sampling = frame[7 + 3 * n]!;
    const tables = scan[2 + 2 * n]!;
    const one = {
      h: sampling >> 4,
      v: sampling & 15,
      quantization: frame[8 + 3 * n]!,
      dc: tables >> 4,
      ac: tables & 15,
    };
    const missing = !rest.quantization[one.quantization] || !rest.huffman[one.dc] || !rest.huffman[2 + one.ac];
    if (missing || one.dc > 1 || one.ac > 1 || (n > 0 && sampling !== 0x11)) return undefined;
    components.push(one);
  }
  const [{ h, v }] = components as [JpegComponent];
  if (!((h === 1 && v === 1) || (h === 2 && (v === 1 || v === 2)))) return undefined;
  const height = (frame[1]! << 8) | frame[2]!;
  const width = (frame[3]! << 8) | frame[4]!;
  return { width, height, components: components as unknown as JpegFrame['components'], ...rest };
}
