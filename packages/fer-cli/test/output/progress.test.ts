import type { ProgressFigure } from "@fer/core";
import { describe, expect, it } from "vitest";
import { duration, ProgressPrinter, progressLine } from "../../dist/output/progress.js";
import { sparkline } from "../../dist/output/sparkline.js";

/** A printer on a clock that the test moves. */
function printerOn(terminal: boolean) {
  let clock = 0;
  let text = "";
  const printer = new ProgressPrinter({ write: (piece) => (text += piece), terminal, columns: 60, now: () => clock });
  const report = (
    second: number,
    done: number,
    more: { stage?: string; resumed?: number; message?: string; figures?: ProgressFigure[] } = {},
  ) => {
    clock = second;
    printer.report({ stage: "extract", done, total: 100, unit: "images", ...more });
  };
  return { printer, report, text: () => text };
}

describe("progress", () => {
  it("shows share, rate and time left", () => {
    const progress = { stage: "extract", done: 1200, total: 28_709, unit: "images" };
    expect(progressLine(progress, { finished: 1200, seconds: 4 })).toBe(
      "extract 1,200/28,709 images  4%  300/s  1 min 32 s left",
    );
  });

  it("tells the time left by the share of the work where units cost unequal time", () => {
    const progress = { stage: "train", done: 50, total: 100, unit: "images", share: 0.2 };
    expect(progressLine(progress, { finished: 50, seconds: 10, share: 0.2 })).toBe(
      "train 50/100 images  50%  5/s  40 s left",
    );
    // gone on with at a share of 0.1
    expect(progressLine(progress, { finished: 25, seconds: 10, share: 0.1 })).toContain("80 s left");
  });

  it("shows seconds for each where a unit takes long, and no share where the total is not known", () => {
    const progress = { stage: "train", done: 3, total: null, unit: "epochs", message: "loss 1.20" };
    expect(progressLine(progress, { finished: 3, seconds: 60 })).toBe("train 3 epochs  20.0 s each  loss 1.20");
  });

  it("writes durations in the unit that fits", () => {
    expect([0, 89, 90, 5399, 5400].map(duration)).toEqual(["0 s", "89 s", "1 min 30 s", "89 min 59 s", "1 h 30 min"]);
  });

  it("writes a plain line every five seconds and at the end of a stage, away from a terminal", () => {
    const { report, text } = printerOn(false);
    for (let second = 0; second <= 10; second++) report(second, second * 10);
    report(11, 5, { stage: "assemble" });
    expect(text()).toBe(
      ["extract 50/100 images  50%  10/s  5 s left", "extract 100/100 images  100%  10/s", ""].join("\n"),
    );
  });

  it("counts only what this call finishes: an earlier one's work is not part of the rate", () => {
    const lines = [{ resumed: 60 }, {}].map((more) => {
      const { printer, report, text } = printerOn(false);
      // the library finds 60 finished, at once or one after another; then 2 a second
      report(0, 60, more);
      report(5, 70, more);
      printer.finish();
      return text();
    });
    expect(new Set(lines)).toEqual(new Set(["extract 70/100 images  70%  2/s  15 s left\n"]));
    const { report, text } = printerOn(false);
    report(0, 0);
    report(5, 70, { resumed: 60 });
    expect(text()).toBe("extract 70/100 images  70%  2/s  15 s left\n");
  });

  it("rewrites one line on a terminal, and leaves it before other text", () => {
    const { printer, report, text } = printerOn(true);
    report(0, 0);
    report(0.05, 2);
    report(1, 50);
    printer.finish();
    expect(text()).toBe("\r\u001B[2Kextract 0/100 images  0%\r\u001B[2Kextract 50/100 images  50%  50/s  1 s left\n");
  });

  it("draws below it how the figures of a training went, on a terminal alone", () => {
    const said = [true, false].map((terminal) => {
      const { printer, report, text } = printerOn(terminal);
      for (const [at, loss] of [2, 1.5, 1].entries()) {
        const figures = [
          { name: "loss", value: loss, text: loss.toFixed(2) },
          { name: "accuracy", value: at / 10, text: `${at}0%` },
        ];
        const message = `epoch ${at + 1}/3  loss ${loss.toFixed(2)}  accuracy ${at}0%`;
        report(10 * (at + 1), 10 * (at + 1), { message, figures });
      }
      printer.finish();
      return text();
    });
    expect(said[0]!.split("\r\u001B[2K").slice(-3)).toEqual([
      "extract 30/100 images  30%  1/s  70 s left  epoch 3/3\n",
      "  loss      █▅▁  1.00\n",
      "  accuracy  ▁▅█  20%\u001B[2A\n\n\n",
    ]);
    expect(said[1]).toContain("  epoch 3/3  loss 1.00  accuracy 20%\n");
  });

  it("draws many values by their means, equal ones low, and those that are no number as a gap", () => {
    expect(sparkline([0, 0, 1, 1, 2, 2, 3, 3], { width: 4 })).toBe("▁▃▆█");
    expect(sparkline([1, 1], { width: 9 })).toBe("▁▁");
    expect(sparkline([0, Number.NaN, 7], { width: 9 })).toBe("▁ █");
    expect(sparkline([], { width: 9 })).toBe("");
  });

  it("shows control characters of a message, so that a terminal does not obey them", () => {
    const { report, text } = printerOn(false);
    report(0, 0);
    report(5, 10, { message: "S1\u001B]0;owned\u0007\r\ndone" });
    expect(text()).toBe(
      String.raw`extract 10/100 images  10%  2/s  45 s left  S1\u001b]0;owned\u0007\u000d\ndone` + "\n",
    );
  });
});
