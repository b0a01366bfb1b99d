/** Which datasets a run must cite: those of its set, as their adapters say. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { adapters } from "@fer/dataset-extractors";
import type { Citation } from "@fer/model";
import { SetInfo } from "@fer/core/set";

/** Citations of the datasets behind a run; none where they are a user's own. */
export async function citationsOf(run: string): Promise<Citation[]> {
  const text = await readFile(join(run, "set.json"), "utf8").catch(() => null);
  if (text === null) return [];
  const { sources } = SetInfo.parse(JSON.parse(text));
  const names = [...new Set(sources.map((source) => source.adapter))];
  return names.flatMap((name) => {
    const adapter = adapters[name];
    return adapter === undefined || adapter.citation === "none"
      ? []
      : [{ what: adapter.title, text: adapter.citation }];
  });
}
