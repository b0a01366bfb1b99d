/**
 * Compiles the training step of a model to ONNX and runs it on onnxruntime-node. One session per batch size and input
 * type, made when it is first needed; weights and optimizer state are shared by all of them and updated in place.
 */
import type { Graph } from "../capture/graph.js";
import type { HostTensor, PreparedStep, StepResult } from "../step.js";
import {
  capturePrediction,
  captureSamples,
  captureUpdate,
  signatureOf,
  type BatchSignature,
} from "../train/capture-train-step.js";
import { predictionBlocks } from "../train/prediction-blocks.js";
import {
  prepareOn,
  RunnerStep,
  stateName,
  type StepOptions,
  type StepRunner,
  type UpdateInputs,
} from "../train/prepared-step.js";
import type { TrainStep } from "../train/train-step.js";
import { cpuDevice, gpuDevice, type OnnxDevice } from "./device.js";
import { activePeepholes, type OnnxPeephole } from "./peepholes/index.js";
import type { Program } from "./program.js";
import { loadOnnxRuntime } from "./runtime.js";

export interface OnnxOptions extends StepOptions {
  /** `cpu`, or `webgpu` for a GPU through Vulkan, Metal or Direct3D 12. `cpu` where left out. */
  device?: "cpu" | "webgpu";
  /** Peepholes to switch off, to find a wrong one. */
  peepholesOff?: readonly OnnxPeephole[];
  /** Threads of the CPU; all cores where left out. */
  threads?: number;
}

/** What tells a compiled step from an eager one. */
export interface OnnxStep extends PreparedStep {
  /** How often each op occurs in the ONNX graph of the last update, or null before the first. */
  readonly opCounts: Readonly<Record<string, number>> | null;
}

/**
 * Prepares a training step of `model` as an ONNX graph. The step takes a copy of the present weights; the model itself
 * never changes.
 *
 * @throws GraphError when onnxruntime-node is absent (with the line that installs it) or the model cannot be trained
 * this way, naming op and layer.
 * @example
 * ```ts
 * import { prepareOnnx } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 2, activation: "softmax" })] });
 * const step = await prepareOnnx({
 *   model,
 *   input: { scale: 1, offset: 0 },
 *   loss: { labelSmoothing: 0 },
 *   optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
 *   seed: 1,
 * });
 * const batch = { inputs: new Float32Array([1, 0]), labels: new Float32Array([0, 1]), count: 1 };
 * console.log(await step.step(batch, { learningRate: 0.1 })); // such as { loss: 0.41, correct: 1 }
 * step.dispose();
 * ```
 */
export async function prepareOnnx(options: OnnxOptions): Promise<OnnxStep> {
  const { device: kind = "cpu", peepholesOff, threads, ...rest } = options;
  const runtime = loadOnnxRuntime();
  return prepareOn("cpu", rest, (program) => {
    const variables = program.variables.map((key) => ({ name: stateName(key), variable: key.variable }));
    const peepholes = activePeepholes(peepholesOff);
    const make = kind === "cpu" ? cpuDevice : gpuDevice;
    const device = make({ runtime, peepholes, variables, ...(threads === undefined ? {} : { threads }) });
    const { update, prediction } = captureSamples(program);
    for (const graph of [update, prediction]) device.check(graph);
    return new CompiledStep(program, new OnnxRunner(program, device));
  });
}

class CompiledStep extends RunnerStep<OnnxRunner> implements OnnxStep {
  get opCounts(): Readonly<Record<string, number>> | null {
    return this.runner.opCounts;
  }
}

class OnnxRunner implements StepRunner {
  readonly runtime = "onnxruntime";
  opCounts: Readonly<Record<string, number>> | null = null;
  private readonly updates = new Map<string, Promise<Program>>();
  private readonly predictions = new Map<string, Promise<Program>>();

  constructor(
    private readonly program: TrainStep,
    private readonly device: OnnxDevice,
  ) {}

  async update(batch: UpdateInputs, accept: (loss: number) => void): Promise<StepResult> {
    const { inputs, labels, weights, count, ...scalars } = batch;
    const signature = signatureOf(inputs, count);
    const compiled = await this.compiled(this.updates, signature, () => captureUpdate(this.program, signature));
    this.opCounts = compiled.opCounts;
    const feeds = {
      inputs,
      labels,
      weights,
      learningRate: Float32Array.of(scalars.learningRate),
      stepSize: Float32Array.of(scalars.stepSize),
      step: Int32Array.of(scalars.step),
    };
    const { loss, correct } = await compiled.run(feeds, ({ loss }) => accept(loss![0]!));
    return { loss: loss![0]!, correct: correct![0]! };
  }

  async predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    const { classes } = this.program.options.model;
    const probabilities = new Float32Array(count * classes);
    for (const { start, rows, size, inputs: block } of predictionBlocks(inputs, count, BLOCKS)) {
      const signature = signatureOf(block, size);
      const trace = (): Graph => capturePrediction(this.program, signature);
      const compiled = await this.compiled(this.predictions, signature, trace);
      const found = (await compiled.run({ inputs: block })).probabilities as Float32Array;
      probabilities.set(found.subarray(0, rows * classes), start * classes);
    }
    return probabilities;
  }

  read(): Promise<Map<string, HostTensor>> {
    return this.device.read();
  }

  write(values: ReadonlyMap<string, HostTensor>): void {
    for (const [name, { data }] of values) this.device.write(name, data);
  }

  dispose(idle: Promise<unknown>): void {
    this.program.dispose();
    // A session must not go while it runs, and buffers of a GPU not after the sessions that made them.
    void idle.finally(async () => {
      this.device.clear();
      for (const compiled of [...this.updates.values(), ...this.predictions.values()]) {
        await compiled.then(
          (program) => program.release(),
          () => undefined,
        );
      }
    });
  }

  private compiled(
    cache: Map<string, Promise<Program>>,
    { count, dtype }: BatchSignature,
    trace: () => Graph,
  ): Promise<Program> {
    const key = `${count} ${dtype}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made = (async () => this.device.compile(trace()))();
    cache.set(key, made);
    made.catch(() => cache.delete(key));
    return made;
  }
}

/** Sessions are cheap enough for some more sizes than whole blocks have. */
const BLOCKS = { largest: 512, filled: 32 };
