import * as ort from 'onnxruntime-web';
import { samePeople } from './same-people';

// As a user does who serves the runtime's files from elsewhere than beside the script.
ort.env.wasm.wasmPaths = '/ort/';

Object.assign(globalThis, {
  runOnnx: (base64: string) =>
    samePeople(
      Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)),
      ort,
    ),
});
