import { readFile } from "node:fs/promises";
import { Assembler, type AssemblerOptions } from "@fer/split-assembler";
import { type SetInfo, openSet } from "@fer/core/set";
import { renderSet } from "../../render/set.js";
import type { Stage, StageOutcome } from "../stage.js";

/** Image folders -> a set. The assembler compares its inputs with those of the set that is there. */
export function assembleStage(options: AssemblerOptions, folders: readonly string[], after: readonly string[]): Stage {
  const to = `${options.to}/${options.name}`;
  const outcome = (info: SetInfo): StageOutcome => ({
    text: renderSet(info, options.to),
    json: info,
    output: info.fingerprint,
  });
  const { workers: _workers, overwrite: _overwrite, ...decisive } = options;
  let overwrite = options.overwrite;
  return {
    name: "assemble",
    to,
    checksItself: true,
    inputs: (outputs) => ({ ...decisive, data: after.map((stage) => outputs.get(stage)), folders }),
    async fingerprint() {
      const text = await readFile(`${to}.json`, "utf8").catch(() => null);
      return text === null ? undefined : (JSON.parse(text) as Partial<SetInfo>).fingerprint;
    },
    async existing() {
      const set = await openSet(to).catch(() => null);
      set?.close();
      return set === null ? undefined : outcome(set.info);
    },
    // The assembler replaces a set file by file, the description last.
    discard: () => void (overwrite = true),
    async run(hooks) {
      const set = await new Assembler({ ...options, overwrite }).assemble(folders, hooks);
      set.close();
      return { ...outcome(set.info), reused: set.reused };
    },
  };
}
