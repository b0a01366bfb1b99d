import { renderReport, reportCharts, wilsonInterval } from "../../dist/report/index.js";
import { describe, expect, test } from "vitest";
import { foldedReportData, INTERVALS, reportData } from "./fixture.js";

/** What a reader sees: tags and styles gone, white space joined. */
const visible = (page: string): string =>
  page
    .replaceAll(/<(style|svg)[\s\S]*?<\/\1>/g, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

describe("the report", () => {
  test("opens with the score, what it is of, and the baselines", async () => {
    expect(visible(await renderReport(reportData()))).toContain(
      "Of 78 images in the test part, 87.2% are recognised; always naming the most frequent class would give 51.3%, a linear classifier on raw pixels 75.2%.",
    );
  });

  test("has network and baselines in one table, every class, and every later evaluation", async () => {
    const data = reportData();
    const elsewhere = { ...data.metrics!, set: { name: "other", fingerprint: "ee".repeat(32) }, part: "full" as const };
    const text = visible(await renderReport({ ...data, evaluations: [elsewhere] }));
    expect(text).toMatch(/this network 87\.2% 80\.1% 79\.0%.* ridge regression on raw pixels 75\.2% 70\.2% 68\.2%/);
    expect(text).toContain("neutral 40 90.0% 92.5% 91.2%");
    expect(text).toContain("other full another set 78 87.2%");
  });

  test("has intervals behind the scores, and says of what", async () => {
    const data = reportData();
    const certainty = { top2Accuracy: 0.95, calibrationError: 0.05 };
    const text = visible(
      await renderReport({ ...data, metrics: { ...data.metrics!, intervals: INTERVALS, certainty } }),
    );
    expect(text).toContain("87.2% 95%: 77.0% to 95.0%");
    expect(text).toContain("this network 87.2% [77.0, 95.0] 80.1% [70.0, 90.0] 79.0% [68.0, 90.0]");
    expect(text).toContain("In brackets: intervals of 95 % (bootstrap of 23 groups, 2,000 draws).");
    expect(text).toContain("neutral 40 90.0% 92.5% 91.2% [85.0, 96.0]");
    expect(text).toContain("of 95.0% [90.0, 100.0] of the images");
    expect(text).toContain("is off by 5.0% [3.0, 12.0] on average");
  });

  test("has the scores without twins, and by dataset, below those of the part", async () => {
    const data = reportData();
    const without = { count: 70, accuracy: 0.86, balancedAccuracy: 0.8, macroF1: 0.79 };
    const twins = { exact: { images: 3, without }, near: { images: 1008, without } };
    const metrics = { ...data.metrics!, twins, sources: { rafdb: { ...without, count: 1070 } } };
    const evaluations = [{ ...metrics, set: { name: "other", fingerprint: "ee" } }];
    const text = visible(await renderReport({ ...data, metrics, evaluations }));
    expect(text).toContain(
      "without 3 exact twins 86.0% 80.0% 79.0% without 1,008 twins, exact or near 86.0% 80.0% 79.0% of rafdb, 1,070 86.0%",
    );
    expect(text).toContain("other test another set 78 87.2% 80.1% 79.0% without 3 exact twins 70 86.0%");
  });

  test("says what was made of the probabilities, or why nothing was", async () => {
    const data = reportData();
    const fitted = {
      temperature: 1.318,
      count: 2870,
      before: { loss: 1, calibrationError: 0.061 },
      after: { loss: 0.9, calibrationError: 0.02 },
    };
    const metrics = {
      ...data.metrics!,
      certainty: { top2Accuracy: 0.95, calibrationError: 0.025 },
      uncalibrated: { loss: 1, calibrationError: 0.07 },
    };
    const model = { ...data.model!, temperature: 1.318 };
    const text = visible(
      await renderReport({ ...data, model, metrics, outcome: { ...data.outcome!, calibration: fitted } }),
    );
    expect(text).toContain(
      "Its probabilities are to the power of 1/1.32 (temperature), scaled to a sum of 1: fitted on 2,870 validation images, whose calibration error is 6.1% without and 2.0% with it. No prediction changes by that.",
    );
    expect(text).toContain("(expected calibration error, 15 bins; 7.0% without its temperature)");
    expect(text).toContain("mean of 10 views of an image; temperature 1.318");
    const none = { temperature: null, reason: "there is no validation part" };
    expect(visible(await renderReport({ ...data, outcome: { ...data.outcome!, calibration: none } }))).toContain(
      "Its probabilities are as the network gives them: there is no validation part.",
    );
  });

  test("says what it takes to get the run again", async () => {
    const text = visible(await renderReport(reportData()));
    for (const part of [
      "seed 7",
      "wasm, 4.22.0, CPU, WebAssembly",
      "0123456789abcdef0123456789abcdef01234567",
      "optimizer.beta1 0.9",
      "abab".repeat(16),
      "48×48×1, mean 128 and deviation 56, then pixel · 0.00784314 − 1",
      "18 contempt",
      "0 exact copies, 0 near, 0 shared groups, 0 images with two labels",
      "Lucey",
      "arXiv:2010.01301",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("shows folds with mean and deviation, and no training curves of a run that has none", async () => {
    const page = await renderReport(foldedReportData());
    expect(visible(page)).toMatch(/fold 3 26 91\.0% 86\.0% 84\.0%.* mean ± deviation 87\.1% ± 3\.4/);
    expect(page).not.toContain("<h2>Training</h2>");
  });

  test("works without a test part, without a set description and without history", async () => {
    const page = await renderReport({ ...reportData(), metrics: null, set: null, history: [] });
    expect(visible(page)).toContain("This run has no test part, so there is no score to report.");
    expect(page).not.toContain("<h2>Scores</h2>");
  });

  test("refers to nothing outside of itself, and runs nothing", async () => {
    const page = await renderReport(reportData());
    const references = [...page.matchAll(/(?:src|href|action|data)="([^"]*)"/g)].map(([, reference]) => reference);
    expect(references).toEqual(["data:,"]);
    expect(page).not.toMatch(/<script|<img|<iframe|<link rel="stylesheet|@import|url\(/);
    expect(page).toContain("default-src 'none'");
  });

  test("escapes names", async () => {
    const page = await renderReport({ ...reportData(), name: '<img src=x onerror="alert(1)"> & co' });
    expect(page).toContain("<h1>&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; co</h1>");
    expect(page).not.toContain("<img");
  });

  test("is the same text for the same data", async () => {
    expect(await renderReport(reportData())).toBe(await renderReport(reportData()));
  });

  test("tells the charts to a screen reader", async () => {
    expect(await renderReport(reportData())).toContain(
      'role="img" aria-label="Confusion matrix of 78 images, 87.2% on the diagonal."',
    );
  });

  test("takes charts that are drawn already", async () => {
    const drawn = "<svg><title>drawn before</title></svg>";
    expect(await renderReport(reportData(), { "confusion-matrix": drawn })).toContain("drawn before");
  });
});

describe("the charts of a run", () => {
  test("are those it has data for", () => {
    expect(Object.keys(reportCharts(reportData()))).toEqual(["accuracy", "loss", "confusion-matrix", "class-counts"]);
    expect(Object.keys(reportCharts(foldedReportData()))).toEqual(["confusion-matrix", "class-counts"]);
    expect(Object.keys(reportCharts({ ...reportData(), metrics: null, set: null }))).toEqual(["accuracy", "loss"]);
  });

  test("do not count a full part on top of train and test", () => {
    const data = reportData();
    const { train, test: tested } = data.set!.parts;
    const set = { ...data.set!, parts: { train: train!, test: tested!, full: { ...train!, count: 389 } } };
    const spec = reportCharts({ ...data, set })["class-counts"];
    expect(spec?.description).toBe("Images by class: training 311, test 78.");
  });
});

describe("wilsonInterval", () => {
  test("is that of Newcombe 1998, table I (81 of 263 and 0 of 20)", () => {
    expect(wilsonInterval(81 / 263, 263).map((bound) => Number(bound.toFixed(4)))).toEqual([0.2553, 0.3662]);
    expect(wilsonInterval(0, 20).map((bound) => Number(bound.toFixed(4)))).toEqual([0, 0.1611]);
  });

  test("knows nothing of no samples, and stays in range", () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
    expect(wilsonInterval(1, 5)[1]).toBe(1);
  });
});
