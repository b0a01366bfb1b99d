/**
 * A tfjs backend whose kernels compute nothing: they infer shapes and record what they were asked to do. tfjs' own
 * gradients run on it like any other code, so a captured training step contains its backward pass.
 */
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs";
import { registerBackend, withBackend } from "../eager/backend.js";
import { GraphError } from "../errors.js";
import { currentLayer } from "../layers/step-context.js";
import { tf } from "../tf.js";
import { decompositions } from "./decompositions.js";
import type { ValueType } from "./graph.js";
import type { KernelCall, Recorder } from "./recorder.js";
import { refusal } from "../lowering/refusal.js";
import { shapeRules } from "./shapes/index.js";

const TRACE = "fer-trace";

let recorder: Recorder | null = null;

/** The capture that is running. */
function currentRecorder(): Recorder {
  if (recorder === null) throw new Error(`the backend "${TRACE}" only works inside capture()`);
  return recorder;
}

function unreadable(): never {
  throw new GraphError({
    code: "TRACED_VALUE_READ",
    subject: currentLayer() === undefined ? "captured function" : `layer "${currentLayer()}"`,
    found: "it reads the values of a tensor (dataSync, data, array, print)",
    expected: "only tensor ops: while capturing, tensors have shapes but no values",
    fix: "Return the tensor as an output and read it there, or run the function eagerly",
  });
}

class TraceBackend extends tf.KernelBackend {
  /** Data that more than its maker refers to; variables share the data of what they were assigned. */
  private readonly references = new WeakMap<object, number>();
  private count(dataId: object): number {
    return this.references.get(dataId) ?? 1;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override timerAvailable(): boolean {
    return false;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override numDataIds(): number {
    return 0;
  }
  override refCount(dataId: object): number {
    return this.count(dataId);
  }
  override incRef(dataId: object): void {
    this.references.set(dataId, this.count(dataId) + 1);
  }
  decRef(dataId: object): void {
    this.references.set(dataId, this.count(dataId) - 1);
  }
  override disposeData(dataId: object): boolean {
    this.decRef(dataId);
    return this.count(dataId) <= 0;
  }
  // oxlint-disable-next-line max-params -- the parameters are those of tfjs
  override write(values: Float32Array, shape: number[], dtype: string): object {
    return currentRecorder().constant(values.slice(), { shape, dtype: dtype as ValueType }).dataId;
  }
  override move(): void {
    throw new Error("tensors of other backends are read, never moved");
  }
  override readSync(): never {
    return unreadable();
  }
  override async read(): Promise<never> {
    return unreadable();
  }
}

let isRegistered = false;

function register(): void {
  if (isRegistered) return;
  isRegistered = true;
  tf.registerBackend(TRACE, () => new TraceBackend(), -1);
  for (const op of Object.keys(shapeRules).filter((op) => !(op in decompositions))) add(op, recorded);
  for (const [op, parts] of Object.entries(decompositions)) add(op, (call) => parts(call, currentRecorder()));
  for (const name of tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName)) {
    if (tf.getKernel(name, TRACE) === undefined) add(name, ({ op }) => refuse(op));
  }
}

function add(op: string, run: (call: Required<KernelCall>) => TensorInfo | TensorInfo[]): void {
  const kernelFunc: KernelFunc = ({ inputs, attrs }) =>
    run({ op, inputs: inputs as Record<string, TensorInfo>, attributes: attrs ?? {} });
  tf.registerKernel({ kernelName: op, backendName: TRACE, kernelFunc });
}

function recorded(call: KernelCall): TensorInfo | TensorInfo[] {
  const infos = currentRecorder().record(call);
  return infos.length === 1 ? infos[0]! : infos;
}

function hasKernel(op: string, backend: string): boolean {
  try {
    registerBackend(backend);
  } catch {
    return false;
  }
  return tf.getKernel(op, backend) !== undefined;
}

function refuse(op: string): never {
  const engines = ["wasm", "cpu"].filter((backend) => hasKernel(op, backend));
  throw refusal({ op, layer: currentLayer() ?? null }, { found: `the op ${op} cannot be compiled`, engines });
}

/** Runs `work` with the trace backend set and `active` recording; synchronous. */
export function withRecorder<T>(active: Recorder, work: () => T): T {
  register();
  const previous = recorder;
  recorder = active;
  try {
    return withBackend(TRACE, work);
  } finally {
    recorder = previous;
  }
}
