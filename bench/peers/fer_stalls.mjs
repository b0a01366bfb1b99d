/**
 * One training, evaluation and report: `fer_stalls.mjs <folder of the set> <engine> <net>`. Prints the longest time
 * between two turns of the event loop in each phase, and the median step, in milliseconds.
 */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { FerTrainer, writeReport } from "@fer/model";
import { CheckpointStore } from "../../packages/fer-model/dist/train/checkpoint.js";
import { ckplusSet } from "./ckplus_set.mjs";

const [out, engine, architecture] = process.argv.slice(2);

/** A timer that is due every millisecond, and how late it was. A stretch counts for the phase that had most of it. */
class Watch {
  longest = {};
  #shares = [];

  constructor() {
    this.enter("start");
    this.#timer = setInterval(() => {
      const [first] = this.#shares;
      const now = performance.now();
      const shares = this.#shares.map(({ phase, at }, i) => ({ phase, ms: (this.#shares[i + 1]?.at ?? now) - at }));
      const { phase } = shares.reduce((most, share) => (share.ms > most.ms ? share : most));
      this.longest[phase] = Math.max(this.longest[phase] ?? 0, now - first.at);
      this.#shares = [{ phase: this.#shares.at(-1).phase, at: now }];
    }, 1);
  }

  #timer;

  enter(phase) {
    this.#shares.push({ phase, at: performance.now() });
  }

  get phase() {
    return this.#shares.at(-1).phase;
  }

  end() {
    clearInterval(this.#timer);
  }
}

const set = await ckplusSet(out);
const watch = new Watch();
const save = CheckpointStore.prototype.save;
CheckpointStore.prototype.save = async function (take) {
  const { phase } = watch;
  watch.enter("checkpoint");
  await save.call(this, take);
  await this.finish();
  watch.enter(phase);
};

const steps = [];
let stepsPerEpoch;
let last;
const phases = {
  name: "phases",
  onTrainBegin(plan) {
    ({ stepsPerEpoch } = plan);
    watch.enter("first step");
  },
  onStepEnd({ step }) {
    const now = performance.now();
    if (last !== undefined && step > 1) steps.push(now - last);
    last = now;
    watch.enter(step === stepsPerEpoch ? "validation" : "training");
  },
  onEpochEnd: () => watch.enter("training"),
  onTrainEnd: () => watch.enter("files, test in ten views, baselines"),
};
const options = { architecture, engine, epochs: 4, batchSize: 32, report: false };
const to = join(mkdtempSync(join(out, "runs-")), "run");
const run = await new FerTrainer({ ...options, to }).fit(set, { callbacks: [phases] });
watch.enter("evaluation in ten views");
await run.evaluate(set, { part: "train" });
watch.enter("report");
await writeReport(run.folder);
watch.end();
set.close();
console.log(JSON.stringify({ longest: watch.longest, step: steps.toSorted((a, b) => a - b)[steps.length >> 1] }));
process.exit(0);
