/**
 * A training step compiled to a graph. Weights and optimizer state stay in the thread that runs it; a batch goes in and
 * two scalars come out. Each batch size and input type is traced once, when it is first needed.
 */
import { setImmediate } from "node:timers/promises";
import { frozen } from "../capture/frozen.js";
import type { Graph } from "../capture/graph.js";
import { withBackend } from "../eager/backend.js";
import type { NamedGraph } from "../lowering/target.js";
import type { Executor } from "../runtime/executor.js";
import type { HostArray } from "../runtime/host.js";
import type { HostTensor, StepResult } from "../step.js";
import { capturePrediction, captureUpdate, SAMPLE, signatureOf } from "./capture-train-step.js";
import { predictionBlocks, type BlockSizes } from "./prediction-blocks.js";
import { stateName, type StepRunner, type UpdateInputs } from "./prepared-step.js";
import type { TrainStep } from "./train-step.js";

/** An update whose loss is not finite writes nothing. */
const GUARD = "loss";

export interface CompiledRunnerOptions {
  executor: Executor;
  /** How predictions are cut. */
  blocks: BlockSizes;
  /** Whether weights are constants of what predicts, and there is nothing else. */
  isFrozen?: boolean;
}

export class CompiledRunner implements StepRunner {
  private readonly defined = new Map<string, Promise<void>>();
  private readonly executor: Executor;
  private readonly blocks: BlockSizes;
  private readonly isFrozen: boolean;

  private constructor(
    private readonly program: TrainStep,
    { executor, blocks, isFrozen = false }: CompiledRunnerOptions,
  ) {
    this.executor = executor;
    this.blocks = blocks;
    this.isFrozen = isFrozen;
    const variables = program.variables.map((key) => ({ name: stateName(key), variable: key.variable }));
    // A failure is that of the first call.
    executor.declare(variables).catch(() => undefined);
  }

  /**
   * What cannot be compiled for one size of batch cannot be for another, so it is looked for before a batch is there.
   *
   * @throws GraphError where the step cannot be lowered. The program is disposed of then.
   */
  static async of(program: TrainStep, options: CompiledRunnerOptions): Promise<CompiledRunner> {
    try {
      // Tracing a large net takes dozens of milliseconds: others have the caller's thread in between.
      await setImmediate();
      const update = options.isFrozen === true ? null : captureUpdate(program, SAMPLE);
      await setImmediate();
      const prediction = capturePrediction(program, SAMPLE);
      await setImmediate();
      options.executor.target.check([
        ...(update === null ? [] : [{ name: "update", graph: update, guard: GUARD }]),
        { name: "predict", graph: prediction, guard: null },
      ]);
      return new CompiledRunner(program, options);
    } catch (error) {
      withBackend("cpu", () => program.dispose());
      throw error;
    }
  }

  get runtime(): string {
    return this.executor.target.runtime;
  }

  get opCounts(): Readonly<Record<string, number>> {
    return this.executor.target.opCounts;
  }

  async update(batch: UpdateInputs, accept: (loss: number) => void): Promise<StepResult> {
    const { inputs, labels, weights, count, part, ...scalars } = batch;
    const signature = signatureOf(inputs, count);
    const name = `update_${part}_${count}_${signature.dtype}`;
    await this.define({ name, guard: GUARD }, () => captureUpdate(this.program, { ...signature, part }));
    const result = await this.executor.run(name, {
      inputs,
      labels,
      weights,
      learningRate: Float32Array.of(scalars.learningRate),
      stepSize: Float32Array.of(scalars.stepSize),
      averageShare: Float32Array.of(scalars.averageShare),
      step: Int32Array.of(scalars.step),
      share: Float32Array.of(scalars.share),
    });
    if ("refused" in result) {
      accept(result.refused);
      throw new Error(`the runtime refused a loss of ${result.refused}`);
    }
    const [loss, correct] = [result.outputs.loss![0]!, result.outputs.correct![0]!];
    accept(loss);
    return { loss, correct };
  }

  async predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    const { classes } = this.program.options.model;
    const probabilities = new Float32Array(count * classes);
    for (const { start, rows, size, inputs: block } of predictionBlocks({ inputs, count }, this.blocks)) {
      const signature = signatureOf(block, size);
      const name = `predict_${size}_${signature.dtype}`;
      await this.define({ name, guard: null }, () => {
        const graph = capturePrediction(this.program, signature);
        return this.isFrozen ? frozen(graph) : graph;
      });
      const { outputs } = (await this.executor.run(name, { inputs: block })) as { outputs: Record<string, HostArray> };
      probabilities.set(outputs.probabilities!.subarray(0, rows * classes), start * classes);
    }
    return probabilities;
  }

  async read(): Promise<Map<string, HostTensor>> {
    const values = await this.executor.read();
    return new Map(
      this.program.variables.map((key) => {
        const name = stateName(key);
        return [name, { shape: key.variable.shape, data: values[name]! }];
      }),
    );
  }

  write(values: ReadonlyMap<string, HostTensor>): Promise<void> {
    return this.executor.write(Object.fromEntries([...values].map(([name, { data }]) => [name, data])));
  }

  dispose(): void {
    withBackend("cpu", () => this.program.dispose());
    // Nobody waits for it, and what fails here has failed a call before.
    this.executor.dispose().catch(() => undefined);
  }

  private define({ name, guard }: Omit<NamedGraph, "graph">, trace: () => Graph): Promise<void> {
    const known = this.defined.get(name);
    if (known !== undefined) return known;
    const made = (async () => this.executor.define({ name, graph: trace(), guard }))();
    this.defined.set(name, made);
    made.catch(() => this.defined.delete(name));
    return made;
  }
}
