/** Progress of a download. */
export interface FetchProgress {
  /** Received bytes. */
  readonly loaded: number;
  /** Total bytes; undefined where the server does not send the size. */
  readonly total: number | undefined;
}

/** How {@link loadPoseModel} fetches a file. */
export interface FetchOptions {
  /** Called for each received chunk. */
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Aborts the download. */
  readonly signal?: AbortSignal;
}

/** The parts of Node's `process` and `fs` that are used; resolved at run time, so that no bundler includes them. */
interface NodeProcess {
  getBuiltinModule?(name: 'node:fs/promises'): { readFile(path: URL): Promise<Uint8Array> } | undefined;
}

/** The bytes at a URL, in Node also of a `file:` URL. */
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
      `loadPoseModel: the file must exist. Received: HTTP ${response.status} ${response.statusText} from ${response.url}.`,
    );
  }
  const length = Number(response.headers.get('content-length'));
  // With a content encoding, the length is that of the encoded data, not of the received bytes.
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
      `loadPoseModel: source must be a URL that can be fetched. Received: ${String(source)}. For a path in Node use loadPoseModelFile of poseblocks/models/node.`,
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
      `loadPoseModel: a page cannot open ${url.href}. Serve the file, or pass the File of an <input type="file">. In Node before 20.16 use loadPoseModelFile of poseblocks/models/node.`,
    );
  }
  return fs.readFile(url);
}
