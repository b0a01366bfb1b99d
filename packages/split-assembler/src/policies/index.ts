/** All split policies by name. */
import { group } from "./group.js";
import { official } from "./official.js";
import { original } from "./original.js";
import type { SplitPolicy } from "./policy.js";
import { ratio } from "./ratio.js";
import { subject } from "./subject.js";

export const policies = { original, ratio, subject, group, official } as const satisfies Record<string, SplitPolicy>;

/** Name of a split policy. */
export type PolicyName = keyof typeof policies;

/** Names for options and help. */
export const POLICY_NAMES = Object.keys(policies) as [PolicyName, ...PolicyName[]];
