/** Every sentence a reader may get about how far a score can be trusted. */
import { caveats, type ReportData } from "../../dist/report/index.js";
import { describe, expect, test } from "vitest";
import { foldedReportData, INTERVALS, reportData } from "./fixture.js";

type Metrics = NonNullable<ReportData["metrics"]>;
type SetInfo = NonNullable<ReportData["set"]>;

interface Changes {
  metrics?: Partial<Metrics>;
  set?: { [K in keyof SetInfo]?: SetInfo[K] | undefined } | null;
  options?: Record<string, unknown>;
  config?: Partial<Omit<ReportData["config"], "folds">> & { folds?: number[] | undefined };
}

/** Caveats as lines "kind: text", with some facts changed. */
function lines({ metrics = {}, set = {}, options = {}, config: more = {} }: Changes, data = reportData()): string[] {
  const config = { ...data.config, ...more, options: { ...data.config.options, ...options } };
  const described = set === null ? null : { ...data.set!, ...set };
  return caveats({ ...data.metrics!, ...metrics }, { config, set: described } as Parameters<typeof caveats>[1]).map(
    ({ kind, text }) => `${kind}: ${text}`,
  );
}

const leaks = (changes: Partial<SetInfo["leaks"]>): Partial<SetInfo> => ({
  leaks: { exact: 0, near: 0, groups: 0, conflicts: 0, ...changes },
});

describe("who is held out", () => {
  test("people, when no person is in two parts", () => {
    expect(lines({})[0]).toMatchInlineSnapshot(
      `"good: Subject-independent: none of the 23 people in this part is in another part."`,
    );
  });

  test("not people, when some are in two parts", () => {
    expect(lines({ set: { ...leaks({ groups: 5 }), policy: "ratio" } })[0]).toMatchInlineSnapshot(
      `"warning: Not subject-independent: 5 people of the set are in more than one part (policy "ratio"). Expect less on new people."`,
    );
    expect(lines({ set: { ...leaks({ groups: 1 }), policy: "ratio" } })[0]).toMatchInlineSnapshot(
      `"warning: Not subject-independent: 1 person of the set is in more than one part (policy "ratio"). Expect less on new people."`,
    );
  });

  test("clips are not people", () => {
    expect(lines({ set: { groupKind: "clip" } })[0]).toMatchInlineSnapshot(
      `"note: No clip is in more than one part. People are not known in this set, so the same person can be on both sides: this is not subject-independent."`,
    );
    expect(lines({ set: { groupKind: "video", ...leaks({ groups: 2 }) } })[0]).toMatchInlineSnapshot(
      `"warning: Not subject-independent: 2 videos of the set are in more than one part (policy "subject"). Expect less on new people."`,
    );
  });

  test("unknown people, and an unknown set", () => {
    expect(lines({ set: { groupKind: "none" } })[0]).toMatchInlineSnapshot(
      `"warning: This set does not say who is in an image, so the same person can be in training and in this part. This is not subject-independent."`,
    );
    expect(lines({ set: null })[0]).toMatchInlineSnapshot(
      `"warning: Whether people of this part are in training is not known: the description of the set was not at hand."`,
    );
  });

  test("folds over people, over clips and over single images", () => {
    expect(lines({}, foldedReportData())[0]).toMatchInlineSnapshot(
      `"good: Subject-independent: each image was predicted once, by a model that was trained without any image of that person."`,
    );
    expect(lines({ set: { groupKind: "clip" } }, foldedReportData())[0]).toMatchInlineSnapshot(
      `"note: Each image was predicted once, by a model that was trained without its clip. People are not known in this set, so the same person can be on both sides: this is not subject-independent."`,
    );
    const shared = { ...foldedReportData().set!.folds![0]!, leaks: { exact: 2, near: 0, groups: 3, conflicts: 0 } };
    const folds = [shared, shared, shared];
    expect(lines({ set: { folds } }, foldedReportData()).slice(0, 2)).toMatchInlineSnapshot(`
      [
        "warning: Folds were dealt image by image: the same person, or even neighbouring frames of one video, can be in training and in the fold that is scored. Expect less on new people.",
        "warning: 6 images outside of training have an exact copy in it.",
      ]
    `);
    expect(lines({ config: { folds: [2] }, set: { folds } }, foldedReportData()).slice(0, 3)).toMatchInlineSnapshot(`
      [
        "note: Only 1 of 3 folds were run: images of the others are not scored.",
        "warning: Folds were dealt image by image: the same person, or even neighbouring frames of one video, can be in training and in the fold that is scored. Expect less on new people.",
        "warning: 2 images outside of training have an exact copy in it.",
      ]
    `);
    const early = { config: { folds: undefined }, set: { folds: undefined } };
    expect(lines({ ...early, options: { folds: 3, foldBy: "group" } }, foldedReportData())[0]).toMatch(
      /^good: Subject-ind/,
    );
    expect(lines({ ...early, options: { folds: 3, foldBy: "sample" } }, foldedReportData())[0]).toMatchInlineSnapshot(
      `"warning: Folds were dealt image by image: the same person, or even neighbouring frames of one video, can be in training and in the fold that is scored. Expect less on new people."`,
    );
  });

  test("nobody, on parts that training has seen", () => {
    expect(lines({ metrics: { part: "train" } })[0]).toMatchInlineSnapshot(
      `"warning: Scored on the training part: this says how well the model remembers, not how well it will do on new faces."`,
    );
    expect(lines({ metrics: { part: "full" } })[0]).toMatchInlineSnapshot(
      `"warning: Scored on all images, training included: this says how well the model remembers, not how well it will do on new faces."`,
    );
    expect(lines({ metrics: { part: "val" } }).slice(0, 2)).toMatchInlineSnapshot(`
      [
        "warning: Scored on the validation part, which chose the epoch: expect a little less on a test part.",
        "good: Subject-independent: no person in this part is in another part.",
      ]
    `);
  });

  test("another set, on another set", () => {
    const other = { set: { name: "jaffe", fingerprint: "ee" }, part: "full" as const };
    expect(lines({ metrics: other, set: leaks({ exact: 3 }) })[0]).toMatchInlineSnapshot(
      `"note: Scored on another set (jaffe) than the one it was trained on (mix). Whether the two share pictures or people is not known: the run does not say what it has seen."`,
    );
    expect(lines({ metrics: { ...other, seen: { images: 0, groups: 0 } } })[0]).toMatchInlineSnapshot(
      `"good: Scored on another set (jaffe) than the one it was trained on (mix). The model has seen none of its images, and no group of it."`,
    );
    expect(lines({ metrics: { ...other, seen: { images: 1, groups: 2 } } })[0]).toMatchInlineSnapshot(
      `"warning: Scored on another set (jaffe) than the one it was trained on (mix). Of it, the model has seen 1 image and 2 groups."`,
    );
    expect(lines({ metrics: other, set: leaks({ exact: 3 }) }).join("\n")).not.toContain("copy");
  });

  test("the people of a fold, whatever the parts of the set share", () => {
    const data = reportData();
    const fold = { ...data, config: { ...data.config, fold: { index: 1, of: 10 } } };
    expect(lines({ set: { ...leaks({ groups: 9, exact: 4 }), policy: "original" } }, fold).slice(0, 2))
      .toMatchInlineSnapshot(`
      [
        "good: Subject-independent: each image was predicted once, by a model that was trained without any image of that person.",
        "note: With 78 images, chance alone puts the accuracy between 78.0% and 92.9% (95% interval of Wilson). Images of one person are alike, so the true range is wider.",
      ]
    `);
  });
});

test("copies across parts and double labels are counted", () => {
  expect(lines({ set: leaks({ exact: 3, near: 1, conflicts: 2 }) }).slice(1, 4)).toMatchInlineSnapshot(`
    [
      "warning: 3 images outside of training have an exact copy in it.",
      "warning: 1 image outside of training looks nearly the same as one in it.",
      "note: 2 images of the set are labelled in two ways.",
    ]
  `);
});

test("twins of the part itself are counted, with the accuracy without them", () => {
  const without = { count: 70, accuracy: 0.86, balancedAccuracy: 0.8, macroF1: 0.8 };
  const of = (images: number) => ({ images, without });
  const told = (twins: Metrics["twins"]) => lines({ metrics: { twins: twins! }, set: leaks({ exact: 3, near: 1 }) })[1];
  expect(told({ exact: of(3), near: of(8) })).toMatchInlineSnapshot(
    `"warning: Of 8 images of this part a copy, exact or nearly so, is among the images that the network was trained or validated on: without them the accuracy is 86.0%."`,
  );
  expect(told({ exact: of(1), near: null })).toMatchInlineSnapshot(
    `"warning: Of 1 image of this part an exact copy is among the images that the network was trained or validated on: without it the accuracy is 86.0%."`,
  );
  expect(told({ exact: of(0), near: of(0) })).toMatchInlineSnapshot(
    `"good: The network was trained on no copy of these images, nor on a near one."`,
  );
  expect(told({ exact: of(0), near: null })).toMatchInlineSnapshot(
    `"good: The network was trained on no copy of these images."`,
  );
});

test("chance is given as an interval", () => {
  expect(lines({})[1]).toMatchInlineSnapshot(
    `"note: With 78 images, chance alone puts the accuracy between 78.0% and 92.9% (95% interval of Wilson). Images of one person are alike, so the true range is wider."`,
  );
});

test("the interval is of people where they were drawn, and a guess where they are few", () => {
  const note = (changes: Partial<typeof INTERVALS>, set: Changes["set"] = {}) =>
    lines({ metrics: { intervals: { ...INTERVALS, ...changes } }, set })[1];
  expect(note({})).toMatchInlineSnapshot(
    `"note: With 78 images of 23 people, chance alone puts the accuracy between 77.0% and 95.0% (95% interval, bootstrap of people)."`,
  );
  expect(note({ unitCount: 6 }, { groupKind: "clip" })).toMatchInlineSnapshot(
    `"note: With 78 images of 6 clips, chance alone puts the accuracy between 77.0% and 95.0% (95% interval, bootstrap of clips). So few of them make the interval itself a guess."`,
  );
  expect(note({ units: "images", unitCount: 78 })).toMatchInlineSnapshot(
    `"note: With 78 images, chance alone puts the accuracy between 77.0% and 95.0% (95% interval, bootstrap of images). Images of one person are alike, so the true range is wider."`,
  );
});

test("a network that does not beat its baselines is called so", () => {
  const score = (accuracy: number) => ({ accuracy, balancedAccuracy: accuracy, macroF1: accuracy });
  expect(lines({ metrics: { accuracy: 0.75 } })).toContainEqual(
    "warning: The network is no better than ridge regression on raw pixels (75.2%): it adds nothing to that.",
  );
  expect(lines({ metrics: { accuracy: 0.5, baselines: { majority: score(0.513), ridge: null } } })).toContainEqual(
    "warning: The network is no better than always naming the most frequent class (51.3%): it adds nothing to that.",
  );
  expect(lines({}).join("\n")).not.toContain("no better");
});

test("rare, absent and never recognised classes are named", () => {
  const none = { precision: null, recall: null, f1: null, support: 0 };
  const changes = {
    support: { neutral: 40, happy: 0, sad: 8 },
    perClass: { ...reportData().metrics!.perClass, happy: none, sad: { precision: 0, recall: 0, f1: 0, support: 8 } },
  };
  expect(lines({ metrics: changes }).slice(2)).toMatchInlineSnapshot(`
    [
      "note: Few images of sad (8): a single image moves their scores by several points.",
      "note: No image of happy in this part: not scored, and left out of balanced accuracy and macro-F1.",
      "warning: Not one image of sad is recognised.",
    ]
  `);
});

test("many rare classes are summed up", () => {
  const classes = ["a", "b", "c", "d"];
  const support = { a: 5, b: 9, c: 12, d: 3 };
  expect(lines({ metrics: { classes, support, perClass: {} } })).toContainEqual(
    "note: Few images of 4 classes (3 to 12 each): a single image moves their scores by several points.",
  );
});
