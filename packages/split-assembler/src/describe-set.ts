/** `<name>.json`: what a set says of itself, from its plan. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { EXPRESSIONS } from "@fer/core";
import type { DatasetInfo } from "@fer/core/image-folder";
import type { FaceCrop } from "@fer/core/pixels";
import { type SetInfo, type Target, TARGETS } from "@fer/core/set";
import { type AssemblerOptions, usedBy } from "./options.js";
import { oversampledCount } from "./oversampled-rows.js";
import { dtypeOf, identityOf, type SetPlan } from "./plan-set.js";
import { distinctOf } from "./policies/split-item.js";
import { protocolInfo } from "./protocols/follow-protocol.js";
import { sharedPictures } from "./shared-pictures.js";
import type { Split } from "./split.js";
import { VERSION } from "./version.js";

/** The description, but for the fingerprint of files that are not there yet. */
export function describeSet(plan: SetPlan, options: AssemblerOptions): Omit<SetInfo, "fingerprint"> {
  const { merged, chosen, split: made, exclusion, count, against } = plan;
  const { name, classes, split, seed, valShare, testShare, size, channels, fit, wholeImage } = options;
  const { parts, folds, leaks, leftOut, dropped, capped, samples } = made;
  const { protocol, map, limit, cap, oversample } = options;
  const beyond = count - merged.samples.length - (exclusion?.names.size ?? 0);
  const targets = targetsOf(samples);
  const shared = sharedPictures(samples);
  const uses = usedBy(chosen.policy, options);
  return {
    schema: 1,
    name,
    classes: EXPRESSIONS.slice(0, classes),
    parts: Object.fromEntries(parts),
    ...(folds === null
      ? {}
      : {
          folds: folds.map(({ info }) =>
            oversample ? { ...info, oversampled: oversampledCount(info.train.perClass) } : info,
          ),
        }),
    policy: chosen.policy,
    ...(split === "auto" ? { policyReason: chosen.reason } : {}),
    ...(protocol === null ? {} : { protocol: protocolInfo(protocol, made) }),
    seed: uses.includes("seed") ? seed : null,
    shares: uses.includes("testShare") ? { val: valShare, test: testShare } : null,
    image: { size, channels, dtype: dtypeOf(chosen, options), fit, wholeImage, ...cutOf(merged.infos) },
    ...(targets.length === 0 ? {} : { targets }),
    groupKind: merged.groupKind,
    imageKind: merged.imageKind,
    dropped: merged.dropped,
    ...(Object.keys(leftOut).length === 0 ? {} : { leftOut }),
    ...(Object.keys(map).length === 0 ? {} : { map }),
    ...(Object.keys(limit).length === 0 ? {} : { limit: { of: limit, leftOut: beyond } }),
    ...(exclusion === null ? {} : { excluded: exclusion.names.size }),
    ...(cap === null ? {} : { cap: { most: cap, leftOut: capped } }),
    ...(oversample && folds === null ? { oversampled: oversampledCount(parts.get("train")!.perClass) } : {}),
    sources: merged.sources,
    leaks,
    ...(shared.length === 0 ? {} : { sharedPictures: shared }),
    ...(against.length === 0 ? {} : { against: [...against] }),
    ...(dropped === null ? {} : { thinned: countKinds(dropped) }),
    inputs: createHash("sha256")
      .update(JSON.stringify(identityOf(plan, options)))
      .digest("hex"),
    manifest: true,
    version: VERSION,
  };
}

/** How faces were cut out, where all datasets say the same. */
function cutOf(datasets: readonly Pick<DatasetInfo, "faceCrop">[]): { cut?: FaceCrop } {
  const [first, ...others] = datasets.map(({ faceCrop }) => faceCrop);
  return first === undefined || others.some((other) => !isDeepStrictEqual(other, first)) ? {} : { cut: first };
}

/** What is known of some of the samples beside their class. */
export function targetsOf(samples: Split["samples"]): Target[] {
  const known = {
    votes: distinctOf(samples, ({ hasVotes }) => hasVotes).has(true),
    va: distinctOf(samples, ({ hasVa }) => hasVa).has(true),
  } satisfies Record<Target, boolean>;
  return TARGETS.filter((target) => known[target]);
}

const countKinds = (dropped: Split["dropped"] & object): NonNullable<SetInfo["thinned"]> => ({
  exact: dropped.filter(({ kind }) => kind === "exact").length,
  near: dropped.filter(({ kind }) => kind === "near").length,
});
