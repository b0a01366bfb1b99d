import { dirname } from "node:path";
import { openSet } from "@fer/split-assembler/set";
import type { CommandResult } from "../define-command.js";
import { renderSet } from "../render/set.js";

/** What a set holds. Every file is read and compared with its fingerprint. */
export async function inspectSet(path: string): Promise<CommandResult> {
  const set = await openSet(path, { verify: true });
  set.close();
  return { text: renderSet(set.info, dirname(path)), json: set.info };
}
