import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type DatasetAdapter, type ExtractOptions, extract } from "@fer/dataset-extractors";
import { DatasetInfo } from "@fer/core/image-folder";
import { renderDataset } from "../../render/dataset.js";
import type { Stage, StageOutcome } from "../stage.js";

/** A dataset folder -> an image folder. `extract` looks at the source itself and redoes nothing that is up to date. */
export function extractStage(options: ExtractOptions, adapter?: DatasetAdapter): Stage {
  const { to } = options;
  const outcome = (info: DatasetInfo): StageOutcome => ({
    text: renderDataset(info, to),
    json: info,
    output: info.fingerprint,
  });
  const { workers: _workers, to: _to, overwrite: _overwrite, ...decisive } = options;
  const readDescription = async (): Promise<unknown> => {
    const text = await readFile(join(to, "dataset.json"), "utf8").catch(() => null);
    return text === null ? undefined : JSON.parse(text);
  };
  return {
    name: `extract ${basename(to)}`,
    to,
    checksItself: true,
    inputs: () => ({ ...decisive, own: adapter === undefined ? null : adapter.name }),
    async fingerprint() {
      return ((await readDescription()) as Partial<DatasetInfo> | undefined)?.fingerprint;
    },
    async existing() {
      const info = DatasetInfo.safeParse(await readDescription());
      return info.success ? outcome(info.data) : undefined;
    },
    discard: () => rmSync(to, { recursive: true, force: true }),
    async run(hooks) {
      const { info, status } = await extract(options, { ...hooks, ...(adapter === undefined ? {} : { adapter }) });
      return { ...outcome(info), reused: status === "unchanged" };
    },
  };
}
