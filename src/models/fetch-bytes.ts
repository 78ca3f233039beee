/** How far a download is. */
export interface FetchProgress {
  /** Bytes. */
  readonly loaded: number;
  /** Bytes; undefined where the server does not say. */
  readonly total: number | undefined;
}

export interface FetchOptions {
  /** Called for each piece that arrives. */
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Ends the download. */
  readonly signal?: AbortSignal;
}

/** As much of Node's `process` and `fs` as is used; found at run time, so that no bundler sees it. */
interface NodeProcess {
  getBuiltinModule?(name: 'node:fs/promises'): { readFile(path: URL): Promise<Uint8Array> } | undefined;
}

/** The bytes behind an address, `file:` in Node too. */
export async function fetchBytes(
  source: URL | string | Response,
  { onProgress, signal }: FetchOptions,
): Promise<Uint8Array> {
  if (!(source instanceof Response)) {
    const local = fileUrl(source);
    if (local) return readLocal(local);
  }
  const response = source instanceof Response ? source : await request(source, signal);
  if (!response.ok) {
    throw new Error(
      `loadPoseModel: the file must be there. Received: HTTP ${response.status} ${response.statusText} from ${response.url}.`,
    );
  }
  const length = Number(response.headers.get('content-length'));
  // With a content encoding, the length is that of what was sent, not of what arrives.
  const total = length > 0 && !response.headers.get('content-encoding') ? length : undefined;
  if (!response.body || !onProgress) return new Uint8Array(await response.arrayBuffer());
  const parts: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    loaded += part.value.length;
    onProgress({ loaded, total });
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function request(source: URL | string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(source, signal ? { signal } : {});
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Error(
      `loadPoseModel: source must be an address that can be fetched. Received: ${String(source)}. A path in Node opens with loadPoseModelFile of poseblocks/models/node.`,
      { cause },
    );
  }
}

function fileUrl(source: URL | string): URL | undefined {
  try {
    const url = new URL(source);
    return url.protocol === 'file:' ? url : undefined;
  } catch {
    return undefined; // relative to the page
  }
}

async function readLocal(url: URL): Promise<Uint8Array> {
  const { process } = globalThis as { process?: NodeProcess };
  const fs = process?.getBuiltinModule?.('node:fs/promises');
  if (!fs) {
    throw new Error(
      `loadPoseModel: a page cannot open ${url.href}. Serve the file, or give what an <input type="file"> chose. In Node before 20.16: loadPoseModelFile of poseblocks/models/node.`,
    );
  }
  return fs.readFile(url);
}
