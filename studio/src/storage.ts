/** What is kept in the browser: models that were dropped or trained, and the pictures and labels of the project. */
export interface Stores {
  models: { id: string; name: string; kind: 'safetensors' | 'onnx'; bytes: Uint8Array; made: number };
  pictures: {
    id: string;
    name: string;
    blob: Blob;
    width: number;
    height: number;
    people: StoredPerson[];
    order: number;
  };
  project: { id: string; value: unknown };
}

export interface StoredPerson {
  /** x and y of each keypoint. */
  readonly xy: number[];
  /** 0 not labelled, 1 hidden, 2 visible. */
  readonly score: number[];
  readonly box?: readonly [number, number, number, number];
}

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open('poseblocks-studio', 1);
    request.onupgradeneeded = () => {
      for (const name of ['models', 'pictures', 'project']) request.result.createObjectStore(name, { keyPath: 'id' });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () =>
      fail(
        new Error('The browser did not open its storage, so nothing can be kept. Private windows may not have any.'),
      );
  });
  return opened;
}

async function run<T>(
  store: keyof Stores,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((done, fail) => {
    const transaction = database.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => done(request.result);
    transaction.onerror = transaction.onabort = () =>
      fail(new Error(`The browser did not keep this: ${transaction.error?.message ?? 'its storage may be full'}.`));
  });
}

export const all = <S extends keyof Stores>(store: S): Promise<Stores[S][]> =>
  run(store, 'readonly', (s) => s.getAll());
export const get = <S extends keyof Stores>(store: S, id: string): Promise<Stores[S] | undefined> =>
  run(store, 'readonly', (s) => s.get(id) as IDBRequest<Stores[S] | undefined>);
export const put = <S extends keyof Stores>(store: S, value: Stores[S]): Promise<IDBValidKey> =>
  run(store, 'readwrite', (s) => s.put(value));
export const remove = (store: keyof Stores, id: string): Promise<undefined> =>
  run(store, 'readwrite', (s) => s.delete(id));
export const clear = (store: keyof Stores): Promise<undefined> => run(store, 'readwrite', (s) => s.clear());
