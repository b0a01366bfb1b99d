/**
 * What a reader must know before believing a score: who was held out, what leaked, how far chance reaches, and
 * whether the network adds anything. Plain sentences, from the files alone; what is unknown is said to be unknown.
 */
import type { LeakReport, SetInfo } from "@fer/core/set";
import { foldNumbers, type Metrics, type RunConfig } from "@fer/core/run";
import { count, counted, drawnUnits, percent } from "./numbers.js";
import { wilsonInterval } from "./wilson-interval.js";

export interface Caveat {
  /** `good` earns trust, `warning` takes it away, `note` explains. */
  kind: "good" | "note" | "warning";
  text: string;
}

/** Classes with fewer images than this are named: one image moves their recall by more than five points. */
const FEW = 20;

/** What is known of an evaluation beside its metrics. */
export interface Background {
  config: RunConfig;
  /** `<name>.json` of the set that is scored; `null` where it is not at hand. */
  set: SetInfo | null;
}

/** The caveats of an evaluation, those on the split first. */
export function caveats(metrics: Metrics, { config, set }: Background): Caveat[] {
  return [
    ...heldOut(metrics, { config, set }),
    ...(isElsewhere(metrics, config) ? [] : before(metrics, config)),
    ...twins(metrics),
    ...(set === null || isElsewhere(metrics, config) ? [] : leaks(metrics, { config, set })),
    chance(metrics, set),
    ...baselines(metrics),
    ...classes(metrics),
  ];
}

/** Whether people are held out, from what the groups mean and where they stand. */
function heldOut(metrics: Metrics, { config, set }: Background): Caveat[] {
  const { part } = metrics;
  if (isElsewhere(metrics, config)) {
    return elsewhere(metrics, config);
  }
  if (part === "train" || part === "full" || part === "all") {
    const what = part === "train" ? "the training part" : "all images, training included";
    return [
      warning(`Scored on ${what}: this says how well the model remembers, not how well it will do on new faces.`),
    ];
  }
  const chosen =
    part === "val"
      ? [warning("Scored on the validation part, which chose the epoch: expect a little less on a test part.")]
      : [];
  if (set === null) {
    return [
      ...chosen,
      warning("Whether people of this part are in training is not known: the description of the set was not at hand."),
    ];
  }
  if (part === "folds" || config.fold !== null) return folds(config, set);
  return [...chosen, splitOf(set, part)];
}

function elsewhere({ set, seen = null }: Metrics, config: RunConfig): Caveat[] {
  const where = `Scored on another set (${set.name}) than the one it was trained on (${config.data.name}).`;
  if (seen === null)
    return [
      note(`${where} Whether the two share pictures or people is not known: the run does not say what it has seen.`),
    ];
  const { images, groups } = seen;
  if (images + groups === 0) return [good(`${where} The model has seen none of its images, and no group of it.`)];
  return [warning(`${where} Of it, the model has seen ${counted(images, "image")} and ${counted(groups, "group")}.`)];
}

/** What the networks that a training started from, or learned from, had seen of the set that it was trained on later. */
function before({ seen }: Metrics, { start, options }: RunConfig): Caveat[] {
  if (seen === undefined) return [];
  const isTaught = (options["teacher"] ?? null) !== null;
  const who = !isTaught
    ? "The network that the training started from"
    : start === undefined
      ? "What the network learned from"
      : "What the training started from and learned from";
  if (seen === null) return [note(`${who} does not say what it had seen before.`)];
  const { images, groups } = seen;
  if (images + groups === 0) return [good(`${who} had seen none of these images.`)];
  const found = `${counted(images, "image")} and ${counted(groups, "group")}`;
  return [warning(`${who} had seen ${found} of these before.`)];
}

const isElsewhere = (metrics: Metrics, config: RunConfig): boolean =>
  metrics.set.fingerprint !== config.data.fingerprint;

function folds(config: RunConfig, set: SetInfo): Caveat[] {
  const run = foldNumbers(config);
  const some =
    run.length > 0 && run.length < (set.folds?.length ?? 0)
      ? [note(`Only ${run.length} of ${set.folds!.length} folds were run: images of the others are not scored.`)]
      : [];
  return [...some, ...apartInFolds(config, set)];
}

function apartInFolds(config: RunConfig, set: SetInfo): Caveat[] {
  // runs of an early version made folds themselves, of groups unless asked for otherwise
  const shared = leaksOfRun(config, set)?.groups ?? (config.options["foldBy"] === "sample" ? 1 : 0);
  if (shared > 0 || set.groupKind === "none") {
    return [
      warning(
        "Folds were dealt image by image: the same person, or even neighbouring frames of one video, can be in training and in the fold that is scored. Expect less on new people.",
      ),
    ];
  }
  if (set.groupKind === "subject") {
    return [
      good(
        "Subject-independent: each image was predicted once, by a model that was trained without any image of that person.",
      ),
    ];
  }
  return [
    note(
      `Each image was predicted once, by a model that was trained without its ${set.groupKind}. People are not known in this set, so the same person can be on both sides: this is not subject-independent.`,
    ),
  ];
}

function splitOf(set: SetInfo, part: "val" | "test"): Caveat {
  const groups = set.parts[part]?.groups ?? 0;
  if (set.groupKind === "none") {
    return warning(
      "This set does not say who is in an image, so the same person can be in training and in this part. This is not subject-independent.",
    );
  }
  if (set.leaks.groups > 0) {
    const kind = set.groupKind === "subject" ? "person" : set.groupKind;
    const people =
      set.groupKind === "subject" ? counted(set.leaks.groups, ["person", "people"]) : counted(set.leaks.groups, kind);
    return warning(
      `Not subject-independent: ${people} of the set ${set.leaks.groups === 1 ? "is" : "are"} in more than one part (policy "${set.policy}"). Expect less on new people.`,
    );
  }
  if (set.groupKind === "subject") {
    // A part carved out by the trainer is not in the set's own count.
    const people = groups === 0 ? "no person in this part" : `none of the ${count(groups)} people in this part`;
    return good(`Subject-independent: ${people} is in another part.`);
  }
  return note(
    `No ${set.groupKind} is in more than one part. People are not known in this set, so the same person can be on both sides: this is not subject-independent.`,
  );
}

/** What stood on both sides: of the set, of the fold, or of all folds that were run; `null` where it was not counted. */
function leaksOfRun(config: RunConfig, { folds, leaks }: SetInfo): LeakReport | null {
  const run = config.fold === null ? foldNumbers(config) : [config.fold.index];
  if (run.length === 0) return leaks;
  if (folds === undefined) return null;
  const counted = run.map((fold) => folds[fold - 1]!.leaks);
  const sum = (key: "exact" | "near" | "groups"): number =>
    counted.reduce((total, each) => total + (each[key] ?? 0), 0);
  return { ...leaks, exact: sum("exact"), near: sum("near"), groups: sum("groups") };
}

/** Images of the part that the network knows, and how it does without them. */
function twins({ part, twins }: Metrics): Caveat[] {
  if (twins === undefined || part === "train" || part === "val") return [];
  const { exact, near } = twins;
  const { images, without } = near ?? exact;
  if (images === 0)
    return [good(`The network was trained on no copy of these images${near === null ? "" : ", nor on a near one"}.`)];
  const kind = near === null ? "an exact copy" : exact.images === images ? "a copy" : "a copy, exact or nearly so,";
  const rest =
    without === null ? "" : `: without ${images === 1 ? "it" : "them"} the accuracy is ${percent(without.accuracy)}`;
  return [
    warning(
      `Of ${counted(images, "image")} of this part ${kind} is among the images that the network was trained or validated on${rest}.`,
    ),
  ];
}

function leaks({ part, twins }: Metrics, { config, set }: { config: RunConfig; set: SetInfo }): Caveat[] {
  const leaks = leaksOfRun(config, set);
  if (leaks === null || (part !== "test" && part !== "val" && part !== "folds")) return [];
  const found: Caveat[] = [];
  const isScored = twins !== undefined;
  if (leaks.exact > 0 && !isScored) {
    found.push(
      warning(
        `${counted(leaks.exact, "image")} outside of training ${leaks.exact === 1 ? "has" : "have"} an exact copy in it.`,
      ),
    );
  }
  if (leaks.near !== null && leaks.near > 0 && !isScored) {
    found.push(
      warning(
        `${counted(leaks.near, "image")} outside of training ${leaks.near === 1 ? "looks" : "look"} nearly the same as one in it.`,
      ),
    );
  }
  if (leaks.conflicts > 0) {
    found.push(
      note(
        `${counted(leaks.conflicts, "image")} of the set ${leaks.conflicts === 1 ? "is" : "are"} labelled in two ways.`,
      ),
    );
  }
  return found;
}

function chance({ accuracy, count: images, intervals }: Metrics, set: SetInfo | null): Caveat {
  if (intervals === undefined) {
    const [low, high] = wilsonInterval(accuracy, images);
    return note(
      `With ${counted(images, "image")}, chance alone puts the accuracy between ${percent(low)} and ${percent(high)} (95% interval of Wilson). Images of one person are alike, so the true range is wider.`,
    );
  }
  const kind = set === null || set.groupKind === "none" ? "group" : set.groupKind;
  const noun = kind === "subject" ? (["person", "people"] as const) : ([kind, `${kind}s`] as const);
  const [low, high] = intervals.accuracy;
  const range = `chance alone puts the accuracy between ${percent(low)} and ${percent(high)} (95% interval, bootstrap of`;
  if (intervals.units === "images")
    return note(
      `With ${counted(images, "image")}, ${range} images). Images of one person are alike, so the true range is wider.`,
    );
  const few = intervals.unitCount < FEW ? " So few of them make the interval itself a guess." : "";
  return note(`With ${counted(images, "image")} of ${drawnUnits(intervals, noun)}, ${range} ${noun[1]}).${few}`);
}

function baselines({ accuracy, baselines }: Metrics): Caveat[] {
  if (baselines === null) return [];
  const { ridge, majority } = baselines;
  const best = ridge !== null && ridge.accuracy >= majority.accuracy ? ridge : majority;
  if (accuracy > best.accuracy) return [];
  const name = best === ridge ? "ridge regression on raw pixels" : "always naming the most frequent class";
  return [warning(`The network is no better than ${name} (${percent(best.accuracy)}): it adds nothing to that.`)];
}

function classes({ support, perClass, classes: names }: Metrics): Caveat[] {
  const few = names.filter((name) => (support[name] ?? 0) > 0 && support[name]! < FEW);
  const none = names.filter((name) => (support[name] ?? 0) === 0);
  const never = names.filter((name) => (support[name] ?? 0) > 0 && perClass[name]?.recall === 0);
  const found: Caveat[] = [];
  if (few.length > 0) {
    const named = few.map((name) => `${name} (${support[name]!})`);
    const counts = few.map((name) => support[name]!);
    const of =
      few.length <= 3
        ? named.join(", ")
        : `${few.length} classes (${Math.min(...counts)} to ${Math.max(...counts)} each)`;
    found.push(note(`Few images of ${of}: a single image moves their scores by several points.`));
  }
  if (none.length > 0)
    found.push(
      note(`No image of ${none.join(", ")} in this part: not scored, and left out of balanced accuracy and macro-F1.`),
    );
  if (never.length > 0) found.push(warning(`Not one image of ${never.join(", ")} is recognised.`));
  return found;
}

const good = (text: string): Caveat => ({ kind: "good", text });
const note = (text: string): Caveat => ({ kind: "note", text });
const warning = (text: string): Caveat => ({ kind: "warning", text });
