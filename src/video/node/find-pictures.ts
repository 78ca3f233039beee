import { readdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';

const IMAGES = /\.(jpe?g|png|webp|tiff?|gif|avif)$/i;
const VIDEOS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ogv|wmv)$/i;

/** A file with one picture or many. */
export interface PictureFile {
  readonly path: string;
  /** Path relative to the given folder, which other files use as its name. */
  readonly name: string;
  readonly kind: 'image' | 'video';
}

/**
 * Finds the image and video files of paths: files, folders (their images, without subfolders), and patterns with `*`, `?`, `[…]`, `{a,b}`
 * and `**` for subfolders.
 *
 * @returns files in the order of the paths, and by name within each.
 * @throws Error naming the path that does not exist; RangeError for files that are neither images nor videos.
 * @example await findPictures('photographs/**\/*.jpg')
 */
export async function findPictures(paths: string | readonly string[]): Promise<PictureFile[]> {
  const found: PictureFile[] = [];
  for (const path of typeof paths === 'string' ? [paths] : paths) found.push(...(await filesOf(path)));
  return found;
}

async function filesOf(path: string): Promise<PictureFile[]> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isFile()) {
    const kind = IMAGES.test(path) ? 'image' : VIDEOS.test(path) ? 'video' : undefined;
    if (kind !== undefined) return [{ path, name: basename(path), kind }];
    throw new RangeError(
      `findPictures: files must be images (JPEG, PNG, WebP, TIFF, GIF, AVIF) or videos (MP4, MOV, MKV, WebM, AVI). Received: ${path}.`,
    );
  }
  if (there?.isDirectory()) {
    const names = (await readdir(path)).filter((name) => IMAGES.test(name)).sort();
    if (names.length > 0) return names.map((name) => ({ path: join(path, name), name, kind: 'image' as const }));
    throw new RangeError(
      `findPictures: the folder must hold images (JPEG, PNG, WebP, TIFF, GIF, AVIF). Received: ${path}, with none.`,
    );
  }
  if (!/[*?[{]/.test(path))
    throw new Error(`findPictures: the file or folder must exist. Received: ${path}, which does not.`);
  const [base, pattern] = split(path);
  const names = await readdir(base || '.', { recursive: pattern.includes('/') }).catch(() => [] as string[]);
  const matches = matcher(pattern);
  const files = names
    .map((name) => name.split(sep).join('/'))
    .filter((name) => matches.test(name) && (IMAGES.test(name) || VIDEOS.test(name)))
    .sort();
  if (files.length === 0)
    throw new RangeError(`findPictures: the pattern must match an image or a video. Received: ${path}, with none.`);
  return files.map((name) => ({
    path: join(base || '.', name),
    name,
    kind: IMAGES.test(name) ? ('image' as const) : ('video' as const),
  }));
}

/** The folder before the first wildcard, and the pattern below it. */
function split(path: string): [base: string, pattern: string] {
  const parts = path.split(/[\\/]/);
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  const base = parts.slice(0, first).join('/');
  return [first > 0 && base === '' ? '/' : base, parts.slice(first).join('/')];
}

function matcher(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i);
    const [set] = /^\[[^\]/]+\]/.exec(rest) ?? [];
    const [choice] = /^\{[^{}/]*\}/.exec(rest) ?? [];
    if (rest.startsWith('**/')) [source, i] = [`${source}(?:[^/]+/)*`, i + 2];
    else if (rest === '**') [source, i] = [`${source}.*`, i + 1];
    else if (pattern[i] === '*') source += '[^/]*';
    else if (pattern[i] === '?') source += '[^/]';
    else if (set !== undefined)
      [source, i] = [`${source}[${set.slice(1, -1).replace(/^!/, '^').replace(/\\/g, '\\\\')}]`, i + set.length - 1];
    else if (choice !== undefined)
      [source, i] = [`${source}(?:${choice.slice(1, -1).split(',').map(literal).join('|')})`, i + choice.length - 1];
    else source += literal(pattern[i]!);
  }
  return new RegExp(`^${source}$`);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
