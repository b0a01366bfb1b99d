import type { HistoryRow } from "@fer/core/run";
import type { Callback } from "@fer/model";
import { bestCheckpoint, earlyStopping, plateau, progress } from "../../dist/train/callbacks.js";
import { Monitor } from "../../dist/train/monitor.js";
import { describe, expect, test } from "vitest";

const row = (epoch: number, val_accuracy: number | null, learning_rate = 0.1): HistoryRow => ({
  epoch,
  loss: 1 / epoch,
  accuracy: 0.5,
  val_loss: val_accuracy === null ? null : 1 - val_accuracy,
  val_accuracy,
  val_macro_f1: val_accuracy,
  learning_rate,
});

/** Tells a callback a history and writes down what it does. */
async function tell(callback: Callback, values: (number | null)[]) {
  const log = { best: [] as number[], stopped: null as string | null, scales: [] as number[] };
  const control = {
    replayed: false,
    learningRateScale: 1,
    learningRate: 0.1,
    stop: (reason: string) => void (log.stopped ??= reason),
    keepBest: () => {},
  };
  for (const [i, value] of values.entries()) {
    control.learningRate = 0.1 * control.learningRateScale;
    control.keepBest = () => void log.best.push(i + 1);
    await callback.onEpochEnd?.(row(i + 1, value, control.learningRate), control);
    log.scales.push(control.learningRateScale);
  }
  return log;
}

/** Where a training begins. */
const from = { epoch: 1, step: 0 };

describe("Monitor", () => {
  test("of equal rates the one with the lower loss is better", () => {
    const monitor = new Monitor("val_accuracy");
    const losses = [0.5, 0.6, 0.4, 0.4];
    expect(losses.map((val_loss, i) => monitor.improved({ ...row(i + 1, 0.9), val_loss }))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(monitor.bestEpoch).toBe(3);
  });

  test("takes the highest accuracy and the lowest loss, and equal is no improvement", () => {
    const accuracy = new Monitor("val_accuracy");
    expect([0.5, 0.4, 0.5, 0.6].map((value, i) => accuracy.improved(row(i + 1, value)))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(accuracy).toMatchObject({ best: 0.6, bestEpoch: 4, waited: 0 });
    const loss = new Monitor("loss");
    expect([1, 2].map((epoch) => loss.improved(row(epoch, null)))).toEqual([true, true]);
  });
});

describe("callbacks", () => {
  test("best-checkpoint keeps each epoch that improves", async () => {
    const { best } = await tell(bestCheckpoint({ monitor: "val_accuracy" }), [0.1, 0.3, 0.2, 0.4]);
    expect(best).toEqual([1, 2, 4]);
  });

  test("best-checkpoint keeps nothing where nothing is measured", async () => {
    const { best } = await tell(bestCheckpoint({ monitor: "val_accuracy" }), [null, null]);
    expect(best).toEqual([]);
  });

  test("early-stopping stops after its patience, and says since when", async () => {
    const { stopped } = await tell(earlyStopping({ monitor: "val_accuracy", patience: 2 }), [0.1, 0.3, 0.2, 0.2]);
    expect(stopped).toMatchInlineSnapshot(`"val_accuracy has not improved since epoch 2"`);
  });

  test("plateau halves the rate after each patience, down to its floor", async () => {
    const callback = plateau({ monitor: "val_accuracy", factor: 0.5, patience: 2, floor: 0.03 });
    const { scales } = await tell(callback, [0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4]);
    expect(scales.map((scale) => Number(scale.toFixed(6)))).toEqual([1, 1, 0.5, 0.5, 0.3, 0.3, 0.3]);
  });

  test("progress counts images and ends each epoch with its figures", async () => {
    const reports: unknown[] = [];
    const callback = progress((report) => reports.push(report));
    await callback.onTrainBegin?.({ epochs: 2, stepsPerEpoch: 2, totalSteps: 4, train: 10, val: 4, from });
    callback.onStepEnd?.({ epoch: 2, step: 1, loss: 1, accuracy: 0.5 });
    await tell(callback, [0.25]);
    expect(reports).toEqual([
      { stage: "train", done: 15, total: 20, unit: "images" },
      {
        stage: "train",
        done: 10,
        total: 20,
        unit: "images",
        message: "epoch 1/2  loss 1.0000  accuracy 50.0%  val_loss 0.7500  val_accuracy 25.0%",
        figures: [
          { name: "loss", value: 1, text: "1.0000" },
          { name: "accuracy", value: 0.5, text: "50.0%" },
          { name: "val_loss", value: 0.75, text: "0.7500" },
          { name: "val_accuracy", value: 0.25, text: "25.0%" },
        ],
      },
    ]);
  });

  test("progress after an interruption says how much was done before it", async () => {
    const reports: unknown[] = [];
    const callback = progress((report) => reports.push(report));
    await callback.onTrainBegin?.({
      epochs: 3,
      stepsPerEpoch: 2,
      totalSteps: 6,
      train: 10,
      val: 4,
      from: { epoch: 2, step: 1 },
    });
    callback.onStepEnd?.({ epoch: 2, step: 2, loss: 1, accuracy: 0.5 });
    expect(reports).toEqual([{ stage: "train", done: 20, total: 30, unit: "images", resumed: 15 }]);
  });

  test("progress says the share of the work where images grow", async () => {
    const shares: unknown[] = [];
    const growth = { sizes: [24], sizesUntil: 0.5, epochs: 4, whole: 48 };
    const callback = progress(({ share }) => shares.push(share), { growth });
    await callback.onTrainBegin?.({ epochs: 4, stepsPerEpoch: 2, totalSteps: 7, train: 10, val: 4, from });
    // Epochs of 1/4, 1/4, 1 and 1, half of the last one.
    for (const epoch of [1, 2, 3, 4]) callback.onStepEnd?.({ epoch, step: 1, loss: 1, accuracy: 0.5 });
    expect(shares).toEqual([0.125 / 2, 0.375 / 2, 1 / 2, 1]);
  });
});
