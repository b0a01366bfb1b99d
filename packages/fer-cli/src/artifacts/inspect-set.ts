/** `fer inspect` of a set: its counts, and what its rows say about twins, conflicts and groups in several parts. */
import { dirname } from "node:path";
import { type AssembledSet, openSet } from "@fer/core/set";
import type { CommandResult } from "../command.js";
import { renderSetFindings, type SetFindings } from "../render/set-findings.js";

/** Every file is read and compared with its fingerprint first. */
export async function inspectSet(path: string): Promise<CommandResult> {
  const set = await openSet(path, { verify: true });
  try {
    const findings = await findingsOf(set);
    const { info } = set;
    return { text: renderSetFindings(info, findings, dirname(path)), json: { ...info, ...findings } };
  } finally {
    set.close();
  }
}

async function findingsOf(set: AssembledSet): Promise<SetFindings> {
  const pictures = new Map<string, { count: number; parts: Set<string>; labels: Set<number> }>();
  const groups = new Map<string, Set<string>>();
  const counts: SetFindings["counts"] = {};
  // `full` repeats the other parts
  const parts = set.parts.length > 1 ? set.parts.filter((part) => part !== "full") : set.parts;
  for (const part of parts) {
    const reader = set.part(part);
    const labels = await reader.labels();
    const perClass = (counts[part] = Object.fromEntries(reader.classes.map((name) => [name, 0])));
    let at = 0;
    for await (const { pixel_hash: hash, group } of reader.rows()) {
      const label = labels[at++]!;
      perClass[reader.classes[label]!]! += 1;
      const picture = pictures.get(hash) ?? { count: 0, parts: new Set(), labels: new Set() };
      picture.count += 1;
      picture.parts.add(part);
      picture.labels.add(label);
      pictures.set(hash, picture);
      if (group !== null) groups.set(group, (groups.get(group) ?? new Set()).add(part));
    }
  }
  const twins = [...pictures.values()].filter(({ count }) => count > 1);
  return {
    images: [...pictures.values()].reduce((sum, { count }) => sum + count, 0),
    counts,
    duplicates: {
      exact: {
        groups: twins.length,
        files: twins.reduce((sum, { count }) => sum + count, 0),
        acrossSplits: twins.filter((twin) => twin.parts.size > 1).length,
      },
      near: { heldOut: set.info.leaks.near },
    },
    conflicts: twins.filter(({ labels }) => labels.size > 1).length,
    sharedGroups: [...groups.values()].filter((found) => found.size > 1).length,
  };
}
