/** What `fer datasets` says. */
import type { DatasetAdapter } from "@fer/dataset-extractors";
import { flagDescription, flagNotation } from "../options/flag-help.js";
import { flagsFrom } from "../options/flags.js";
import { table } from "../output/table.js";

/** One line a dataset. */
export function renderAdapters(adapters: readonly DatasetAdapter[]): string {
  const rows = adapters.map((adapter) => [
    adapter.name,
    adapter.title,
    imagesOf(adapter),
    adapter.forms.map((form) => form.name).join(", "),
    adapter.verified,
    adapter.access,
  ]);
  return `${table(["name", "title", "images", "forms", "checked on", "how to get it"], rows)}\n\nfer datasets <name> tells more.`;
}

/** All about one dataset: where it comes from, how its folder looks, its options, an example. */
export function renderAdapter(adapter: DatasetAdapter): string {
  const forms = adapter.forms.flatMap((form) => ["", `form ${form.name}:`, indent(form.tree.trim())]);
  const options = flagsFrom(adapter.options).map((flag) => `  ${flagNotation(flag)}  ${flagDescription(flag)}`);
  return [
    `${adapter.title} (${adapter.name})`,
    `  licence   ${adapter.licence}`,
    `  get it    ${adapter.access}`,
    `  homepage  ${adapter.homepage}`,
    `  cite      ${adapter.citation}`,
    `  pictures  ${adapter.imageKind === "crop" ? "cut-out faces" : "whole photos"}; grouped by ${adapter.groupKind}`,
    `  splits    ${adapter.splits.join(", ")}`,
    `  checked   on ${adapter.verified}`,
    ...forms,
    ...(options.length > 0 ? ["", "options:", ...options] : []),
    "",
    `fer extract ${adapter.name} --from <folder> --to data/${adapter.name}`,
  ].join("\n");
}

/** The facts of an adapter, for machines. */
export function adapterJson(adapter: DatasetAdapter): Record<string, unknown> {
  const { name, title, citation, licence, homepage, access, imageKind, groupKind, groupSpace, splits, verified } =
    adapter;
  const forms = adapter.forms.map((form) => ({
    name: form.name,
    tree: form.tree.trim(),
    expected: adapter.expected[form.name],
  }));
  return {
    name,
    title,
    citation,
    licence,
    homepage,
    access,
    imageKind,
    groupKind,
    groupSpace,
    splits,
    verified,
    forms,
  };
}

/** Largest total that the owner states for a form; nothing where none is known. */
function imagesOf(adapter: DatasetAdapter): number | null {
  const totals = Object.values(adapter.expected).map((rows) =>
    rows
      .filter((row) => row.of === "images")
      .reduce((sum, row) => sum + (row.total ?? row.counts?.reduce((a, b) => a + b, 0) ?? 0), 0),
  );
  const largest = Math.max(0, ...totals);
  return largest === 0 ? null : largest;
}

const indent = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
