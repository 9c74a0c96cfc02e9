/** Functions of WebAssembly with a memory of their own, divided into areas. */
export interface Wasm<Functions, Area extends string> {
  readonly functions: Functions;
  readonly buffer: ArrayBuffer;
  /** Start of each area in `buffer`, in bytes: a multiple of 16. */
  readonly at: Readonly<Record<Area, number>>;
}

/** The part of the JavaScript API that is used here; TypeScript declares it for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

const PAGE_BYTES = 65_536;
const ALIGNMENT = 16;

const modules = new Map<string, object>();

/**
 * Creates an instance of WebAssembly code. Returns undefined where it cannot run: with `--jitless`, on a processor without 128-bit
 * instructions, or if its memory cannot be reserved.
 *
 * @param code base64; it imports its memory as `env.memory`, and exports `Functions`
 * @param areas size of each area in bytes
 */
export function createWasm<Functions, Area extends string>(
  code: string,
  areas: Readonly<Record<Area, number>>,
): Wasm<Functions, Area> | undefined {
  let bytes = 0;
  const at: Record<Area, number> = { ...areas };
  for (const area in areas) {
    at[area] = bytes;
    bytes += Math.ceil(areas[area] / ALIGNMENT) * ALIGNMENT;
  }
  try {
    const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    let module = modules.get(code);
    if (module === undefined) {
      module = new WebAssembly.Module(Buffer.from(code, "base64"));
      modules.set(code, module);
    }
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    return { functions: instance.exports as Functions, buffer: memory.buffer, at };
  } catch {
    return undefined;
  }
}
