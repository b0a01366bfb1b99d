/** The card of a set: counts, how it was split, what stands on both sides. */
import { readSetInfo } from "@fer/core/set";
import { setVerdicts } from "@fer/split-assembler";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Catalog } from "../artifacts/catalog.js";
import type { SetAnswer } from "../protocol.js";

/** @throws HttpProblem where there is none; FormatError where it is not whole */
export async function setAnswer(catalog: Catalog, path: string): Promise<SetAnswer> {
  const { folder, name } = await catalog.set(path);
  const { info } = await readSetInfo(folder, name);
  return { path, info, verdicts: setVerdicts(info), hasPage: existsSync(join(folder, `${name}.html`)) };
}
