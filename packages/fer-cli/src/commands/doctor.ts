/** `fer doctor`: what is here, what is missing, and what to do about it. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { CHECKS, type Finding, type Health } from "../doctor/checks.js";
import { table } from "../output/table.js";

export const DoctorOptions = z.strictObject({});

const SIGN: Readonly<Record<Health, string>> = { ok: "ok", missing: "-", bad: "NO" };

export default defineCommand({
  options: DoctorOptions,
  details:
    "Ends with 1 where something is missing that nothing goes without; what only makes it faster or larger is not.",
  examples: ["fer doctor"],
  kept: () => "Nothing was changed.",
  async run(_options, { signal }) {
    const findings: Finding[] = [];
    for (const check of CHECKS) {
      signal.throwIfAborted();
      findings.push(...(await check()));
    }
    const exitCode = findings.some(({ health }) => health === "bad") ? 1 : 0;
    return { text: renderFindings(findings), json: findings, exitCode };
  },
});

/** A line a finding, then what to do. */
export function renderFindings(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, health, found }) => [SIGN[health], what, found]);
  const todo = findings.flatMap(({ what, fix }) => (fix === undefined ? [] : [`  ${what}: ${fix}`]));
  return [table(["", "what", "found"], rows), ...(todo.length === 0 ? [] : ["", "what to do:", ...todo])].join("\n");
}
