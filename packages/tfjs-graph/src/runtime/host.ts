/**
 * What runs compiled functions, and how the caller's thread speaks with it. Hosts live in a thread of their own
 * (`worker.ts`): a step of TensorFlow or onnxruntime is a synchronous call, and the caller's event loop goes on
 * meanwhile. Everything that is sent is plain data.
 */

/** Values of one tensor in host memory, row-major. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

/** The runtime to run in, as the thread finds it. */
export type HostOptions =
  | { kind: "tensorflow"; addon: string }
  /** `module` is the file that `require` loads. */
  | { kind: "onnx" | "webgpu"; module: string };

/** A variable and the value that it starts with, in the order of tfjs. */
export interface InitialValue {
  shape: readonly number[];
  data: Float32Array;
}

/** What a run gave: its outputs, or the value of the guard that was not finite, and then no variable has changed. */
export type RunResult = { outputs: Record<string, HostArray> } | { refused: number };

/** Runs functions over one set of variables. Calls do not overlap. */
export interface Host {
  /** Adds variables; those of a name that is there already stay as they are. */
  declare(variables: Readonly<Record<string, InitialValue>>): void;
  /** Adds what a target has lowered; see the `Program` types beside each host. */
  define(program: never): void | Promise<void>;
  run(name: string, inputs: Readonly<Record<string, HostArray>>): RunResult | Promise<RunResult>;
  /** Copies of all variables, in the order of tfjs. */
  read(): Record<string, Float32Array> | Promise<Record<string, Float32Array>>;
  /** Sets variables, in the order of tfjs. */
  write(values: Readonly<Record<string, Float32Array>>): void;
  dispose(): void | Promise<void>;
}

/** What a runtime says of itself once it is loaded. */
export interface RuntimeInfo {
  version: string;
  /** TensorFlow: whether it computes on a GPU. */
  isGpu?: boolean;
  /** onnxruntime: its execution providers. */
  providers?: readonly string[];
}

/** A message to the thread. `host` numbers an open host. */
export type Request =
  | { do: "load"; options: HostOptions }
  | { do: "open"; host: number; options: HostOptions }
  | { do: "call"; host: number; method: keyof Host; values: readonly unknown[] };

/** Its answer. */
export type Response = { value: unknown } | { error: { message: string; stack: string | undefined } };
