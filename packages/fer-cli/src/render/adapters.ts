/** What `fer datasets` says; `docs/datasets.md` says the same. */
import { EXPRESSIONS, formatCount } from "@fer/core";
import type { DatasetAdapter, Expected } from "@fer/dataset-extractors";
import { flagDescription, flagNotation } from "../options/flag-help.js";
import { type Flag, flagsFrom } from "../options/flags.js";
import { table } from "../output/table.js";

/** What there is to know about a dataset, for people. */
export interface AdapterFacts {
  name: string;
  title: string;
  /** Items of the form with most of them, `32,298 images`; `null` where nobody has counted. */
  size: string | null;
  /** Classes that the owner's totals know; `null` where there are none, as in a user's own data. */
  classes: number | null;
  facts: [name: string, value: string][];
  forms: { name: string; tree: string; expected: readonly Expected[] }[];
  options: Flag[];
  command: string;
}

/** The facts of an adapter. */
export function factsOf(adapter: DatasetAdapter): AdapterFacts {
  const { name, title, licence, access, homepage, citation, imageKind, groupKind, groupSpace, splits } = adapter;
  const totals = Object.values(adapter.expected);
  const sizes = totals
    .filter((rows) => rows.length > 0)
    .map((rows) => ({
      of: rows[0]!.of === "groups" ? "clips" : "images",
      count: rows.reduce((sum, row) => sum + sumOf(row), 0),
    }));
  const largest = sizes.toSorted((a, b) => b.count - a.count)[0];
  const counts = totals.flat().flatMap((row) => (row.counts === undefined ? [] : [row.counts]));
  const known = EXPRESSIONS.filter((_, label) => counts.some((of) => (of[label] ?? 0) > 0));
  return {
    name,
    title,
    size: largest === undefined ? null : `${formatCount(largest.count)} ${largest.of}`,
    classes: counts.length === 0 ? null : known.length,
    facts: [
      ["licence", licence],
      ["get it", access],
      ["homepage", homepage],
      ["cite", citation],
      ["pictures", imageKind === "crop" ? "cut-out faces" : "whole photos"],
      ["groups", groupKind === "none" ? "none" : `${groupKind}, comparable within "${groupSpace}"`],
      ["splits", splits.join(", ")],
      ["checked on", adapter.verified],
    ],
    forms: adapter.forms.map(({ name: form, tree }) => ({
      name: form,
      tree: tree.trim(),
      expected: adapter.expected[form] ?? [],
    })),
    options: flagsFrom(adapter.options),
    command: `fer extract ${name} --from <folder> --to data/${name}`,
  };
}

/** Images or clips that a row of the owner's totals counts. */
export const sumOf = ({ total, counts = [] }: Expected): number => total ?? counts.reduce((a, b) => a + b, 0);

/** One line a dataset. */
export function renderAdapters(adapters: readonly DatasetAdapter[]): string {
  const rows = adapters.map((adapter) => {
    const { name, title, size, forms } = factsOf(adapter);
    return [name, title, size, forms.map((form) => form.name).join(", "), adapter.verified, adapter.access];
  });
  const head = ["name", "title", "size", "forms", "checked on", "how to get it"];
  return `${table(head, rows)}\n\nfer datasets <name> tells more.`;
}

/** All about one dataset: where it comes from, how its folder looks, its options, an example. */
export function renderAdapter(adapter: DatasetAdapter): string {
  const { name, title, facts, forms, options, command } = factsOf(adapter);
  return [
    `${title} (${name})`,
    ...facts.map(([key, value]) => `  ${key.padEnd(10)}  ${value}`),
    ...forms.flatMap((form) => ["", `form ${form.name}:`, form.tree.replaceAll(/^/gm, "  ")]),
    ...(options.length > 0 ? ["", "options:"] : []),
    ...options.map((flag) => `  ${flagNotation(flag)}  ${flagDescription(flag)}`),
    "",
    command,
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
  const facts = {
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
  };
  return { ...facts, forms };
}
