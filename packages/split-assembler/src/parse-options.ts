/** Checks options beyond their schema. */
import { OptionsError } from "@fer/core";
import { type AssemblerInput, AssemblerOptions } from "./options.js";
import { policies } from "./policies/index.js";

/** Options with defaults. @throws OptionsError for what is unknown, malformed, contradictory or without effect */
export function parseOptions(input: AssemblerInput): AssemblerOptions {
  const parsed = AssemblerOptions.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const at = issue.path.join(".");
    throw new OptionsError({
      code: "BAD_OPTION",
      subject: "assembler options",
      found: at === "" ? issue.message : `"${at}" is wrong: ${issue.message}`,
      expected: `the options ${Object.keys(AssemblerOptions.shape).join(", ")}`,
      cause: parsed.error,
    });
  }
  const options = parsed.data;
  if (options.valShare + options.testShare >= 1) {
    throw new OptionsError({
      code: "BAD_SHARES",
      subject: "assembler options",
      found: `valShare ${options.valShare} and testShare ${options.testShare} leave nothing for train`,
      expected: "a sum below 1",
    });
  }
  const untouched = AssemblerOptions.parse({ name: options.name });
  const ignored = (["seed", "valShare", "testShare"] as const).filter((key) => options[key] !== untouched[key]);
  if (!policies[options.split].usesSettings && ignored.length > 0) {
    throw new OptionsError({
      code: "UNUSED_OPTION",
      subject: "assembler options",
      found: `the policy ${options.split} does not use ${ignored.join(", ")}`,
      expected: "a policy with a seed (subject, group, ratio), or no such option",
    });
  }
  return options;
}
