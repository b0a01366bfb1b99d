/** How a flag shows in the help: its notation, and its description with choices and default. */
import type { Flag, FlagKind } from "./flags.js";

/** What stands for the value. */
const VALUE: Readonly<Record<Exclude<FlagKind, "boolean" | "off">, string>> = {
  number: "<n>",
  text: "<value>",
  path: "<path>",
  choice: "<name>",
  mixed: "<value>",
  list: "<a,b>",
  record: "<key=value,..>",
};

/** Notation for the help and for commander: `--epochs <n>`, `--no-shuffle`. */
export function flagNotation({ kind, name, bare }: Flag): string {
  if (kind === "boolean") return `--${name}`;
  return kind === "off" ? `--no-${name}` : `--${name} ${bare ? "<n|a,b>" : VALUE[kind]}`;
}

/** Description, then what is accepted and what counts when the flag is left out. */
export function flagDescription(flag: Flag): string {
  const notes: string[] = [];
  if (flag.choices.length > 0) notes.push(`${flag.kind === "mixed" ? "or" : "choices"}: ${flag.choices.join(", ")}`);
  if (flag.nullable && flag.kind !== "off") notes.push('"none" for null');
  if (flag.required) notes.push("required");
  const shown = shownDefault(flag.default);
  if (shown !== undefined) notes.push(`default: ${shown}`);
  const text = `${flag.description.charAt(0).toUpperCase()}${flag.description.slice(1)}`;
  return notes.length === 0 ? text : `${text} (${notes.join("; ")})`;
}

function shownDefault(value: unknown): string | undefined {
  if (value === undefined || value === null) return value === null ? "none" : undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(",");
  if (typeof value === "object") {
    const entries = Object.entries(value).map(([key, each]) => `${key}=${String(each)}`);
    return entries.length === 0 ? undefined : entries.join(",");
  }
  return String(value);
}
