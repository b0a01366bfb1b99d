/** Options through their schema, with an error that names each bad one. */
import { nearest, OptionsError } from "@fer/core";
import type { z } from "zod";
import { TrainerOptions } from "./options.js";

/** @throws {@link OptionsError} naming every bad option, what it is and what it may be. */
export function parseOptions(options: z.input<typeof TrainerOptions>): TrainerOptions {
  const parsed = TrainerOptions.safeParse(options);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  const near = unknown.flatMap((key) => nearest(key, Object.keys(TrainerOptions.shape), 1));
  throw new OptionsError({
    code: "BAD_OPTIONS",
    subject: "trainer options",
    found: parsed.error.issues
      .map(({ path, message }) => `${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`)
      .join("; "),
    ...(near.length > 0 ? { fix: `Did you mean ${near.map((key) => `"${key}"`).join(" and ")}?` } : {}),
    cause: parsed.error,
  });
}
