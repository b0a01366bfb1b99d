/** Groups (people, clips) of samples that are known by their ids alone. */
import type { Metrics } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";

/** The group of each, in the order of the ids; `null` where it has none. */
export async function groupsOf(
  set: AssembledSet,
  { part, ids }: { part: Metrics["part"]; ids: readonly string[] },
): Promise<(string | null)[]> {
  const groups = new Map<string, string | null>();
  for await (const { id, group } of set.part(part === "folds" ? "all" : part).rows()) groups.set(id, group);
  return ids.map((id) => groups.get(id) ?? null);
}
