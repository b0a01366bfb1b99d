import { describe, expect, it } from "vitest";
import { ProgressPrinter } from "../../dist/output/progress-printer.js";
import { duration, progressLine } from "../../dist/output/progress-line.js";

/** A printer on a clock that the test moves. */
function printerOn(terminal: boolean) {
  let clock = 0;
  let text = "";
  const printer = new ProgressPrinter({ write: (piece) => (text += piece), terminal, columns: 60, now: () => clock });
  const report = (second: number, done: number, stage = "extract"): void => {
    clock = second;
    printer.report({ stage, done, total: 100, unit: "images" });
  };
  return { printer, report, text: () => text };
}

describe("progress", () => {
  it("shows share, rate and time left", () => {
    const progress = { stage: "extract", done: 1200, total: 28_709, unit: "images" };
    expect(progressLine(progress, 4)).toBe(
      "extract 1,200/28,709 images  4 %  300/s  92 s left".replace("92 s", "1 min 32 s"),
    );
  });

  it("shows seconds for each where a unit takes long, and no share where the total is not known", () => {
    expect(progressLine({ stage: "train", done: 3, total: null, unit: "epochs", message: "loss 1.20" }, 60)).toBe(
      "train 3 epochs  20.0 s each  loss 1.20",
    );
  });

  it("writes durations in the unit that fits", () => {
    expect([0, 89, 90, 5399, 5400].map(duration)).toEqual(["0 s", "89 s", "1 min 30 s", "89 min 59 s", "1 h 30 min"]);
  });

  it("writes a plain line every five seconds and at the end of a stage, away from a terminal", () => {
    const { report, text } = printerOn(false);
    for (let second = 0; second <= 10; second++) report(second, second * 10);
    report(11, 5, "assemble");
    expect(text()).toBe(
      ["extract 50/100 images  50 %  10/s  5 s left", "extract 100/100 images  100 %  10/s", ""].join("\n"),
    );
  });

  it("rewrites one line on a terminal, and leaves it before other text", () => {
    const { printer, report, text } = printerOn(true);
    report(0, 1);
    report(0.05, 2);
    report(1, 50);
    printer.finish();
    expect(text()).toBe("\r\u001B[2Kextract 1/100 images  1 %\r\u001B[2Kextract 50/100 images  50 %  50/s  1 s left\n");
  });
});
