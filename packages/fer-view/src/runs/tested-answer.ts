/** A test beside its scores: how far its probabilities can be believed, how well it does by dataset and by person. */
import { wilsonInterval } from "@fer/model";
import type { Share, TestedAnswer } from "../protocol.js";
import { datasetOf } from "./samples.js";
import type { Tested } from "./tested-runs.js";

/** Bins of equal width by the largest probability, as of the calibration error in `metrics.json`. */
const BINS = 15;
/** Groups that are listed, the worst first. */
const MOST_GROUPS = 200;

export function testedAnswer(tested: Tested): TestedAnswer {
  const { classes, part, set, places } = tested;
  const by = (nameOf: (at: number) => string | null): Share[] => sharesBy(tested, nameOf);
  const groups = places === null ? [] : by((at) => places[at]!.facts.group);
  return {
    classes: [...classes],
    part,
    set,
    count: tested.truth.length,
    calibration: calibrationOf(tested),
    sources: places === null ? [] : by((at) => datasetOf(places[at]!.facts.source)),
    groups: groups.sort((a, b) => a.right / a.count - b.right / b.count || b.count - a.count).slice(0, MOST_GROUPS),
    groupCount: groups.length,
  };
}

function calibrationOf({ classes, truth, predicted, probabilities }: Tested): TestedAnswer["calibration"] {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const [at, label] of truth.entries()) {
    const most = Math.max(...probabilities.slice(at * classes.length, (at + 1) * classes.length));
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.ceil(most * BINS) - 1))]!;
    bin.count += 1;
    bin.confidence += most;
    bin.right += label === predicted[at] ? 1 : 0;
  }
  return bins.map(({ count, confidence, right }, at) => ({
    from: at / BINS,
    to: (at + 1) / BINS,
    count,
    confidence: count === 0 ? null : confidence / count,
    accuracy: count === 0 ? null : right / count,
  }));
}

function sharesBy({ truth, predicted }: Tested, nameOf: (at: number) => string | null): Share[] {
  const counts = new Map<string, { count: number; right: number }>();
  for (const [at, label] of truth.entries()) {
    const name = nameOf(at);
    if (name === null) continue;
    const known = counts.get(name) ?? { count: 0, right: 0 };
    counts.set(name, { count: known.count + 1, right: known.right + (label === predicted[at] ? 1 : 0) });
  }
  return [...counts].map(([name, { count, right }]) => {
    const [low, high] = wilsonInterval(right / count, count);
    return { name, count, right, low, high };
  });
}
