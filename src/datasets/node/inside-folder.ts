import { isAbsolute, relative, resolve, sep } from 'node:path';
import { shownNames } from '../../bytes';

/**
 * The path of a file named in an annotation. The file must be inside the folder, so an untrusted annotation cannot access other files.
 *
 * @throws RangeError when the name is absolute, or leads out of the folder.
 * @example insideFolder('coco/val2017', person.fileName)
 */
export function insideFolder(folder: string, name: string): string {
  const path = resolve(folder, name);
  const way = relative(resolve(folder), path);
  if (
    isAbsolute(name) ||
    isAbsolute(way) ||
    way === '' ||
    way === '..' ||
    way.startsWith(`..${sep}`) ||
    name.includes('\0')
  ) {
    throw new RangeError(`file names must lie in the folder of the images. Received: ${shownNames([name])}. Rename it in the annotations, or give the folder above.`); // prettier-ignore
  }
  return path;
}
