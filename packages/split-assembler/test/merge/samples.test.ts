/** Samples in columns, with what is only written in a store: what goes in comes out, in the order of a set. */
import { hash } from "node:crypto";
import { EXPRESSIONS, splitRandom } from "@fer/core";
import type { MetadataRow } from "@fer/core/image-folder";
import { describe, expect, it } from "vitest";
import { PixelNumbers } from "../../dist/merge/pixel-numbers.js";
import { type AddedRow, SampleTable } from "../../dist/merge/samples.js";

const sources = ["a", "b"].map((prefix) => ({
  folder: `/data/${prefix}`,
  info: { groupSpace: `space-${prefix}`, decoder: "jimp" },
  prefix,
}));

/** Rows in no order, some with names that are not ASCII, groups, votes or valence; every fifth shows an earlier picture. */
function rows(count: number): AddedRow[] {
  const random = splitRandom(3, "rows");
  const below = (most: number): number => Math.floor(most * random());
  return Array.from({ length: count }, (_, i): AddedRow => {
    const label = below(7);
    const id = `${["x", "ü", "面", "😀"][below(4)]!}${below(1e9)}-${i}`;
    const row: MetadataRow = {
      file_name: `${EXPRESSIONS[label]!}/${id}${below(2) === 0 ? ".png" : ".jpg"}`,
      id,
      expression: EXPRESSIONS[label]!,
      label,
      subject: null,
      group: below(3) === 0 ? null : `g${below(50)}`,
      frame: null,
      box: null,
      source: id,
      pixel_hash: hash("sha256", String(i % 5 === 4 ? i - 4 : i)),
      dhash: i.toString(16).padStart(16, "0"),
      raw_label: null,
      votes: below(4) === 0 ? Array.from({ length: 8 }, () => below(10)) : null,
      valence: below(4) === 0 ? random() : null,
      arousal: null,
      action_units: null,
    };
    return { source: below(2), split: (["train", "val", "all"] as const)[below(3)]!, row, label };
  });
}

describe("samples of a merge", () => {
  // beyond 50,000 none is kept as an object
  it.each([1000, 60_000])("come out as they went in, by class and key, %i of them", { timeout: 60_000 }, (count) => {
    const given = rows(count);
    const table = new SampleTable(sources, count);
    for (const each of given) table.add(each);
    const expected = given
      .map(({ source, split, row, label }, i) => ({
        key: `${sources[source]!.prefix}/${split}/${row.file_name}`,
        id: row.id,
        label,
        split,
        dataset: sources[source]!.prefix,
        group: row.group === null ? null : `${sources[source]!.info.groupSpace}/${row.group}`,
        file: `/data/${sources[source]!.prefix}/${split}/${row.file_name}`,
        pixelHash: row.pixel_hash,
        pixels: i % 5 === 4 ? i - 4 : i,
        dhash: row.dhash,
        decoder: "jimp",
        votes: row.votes,
        valence: row.valence,
        arousal: null,
        hasVotes: row.votes !== null,
        hasVa: row.valence !== null,
      }))
      .sort((a, b) => a.label - b.label || (a.key < b.key ? -1 : 1));
    const samples = table.sorted();
    expect(samples.length).toBe(count);
    const differing: object[] = [];
    const keys = Object.keys(expected[0]!) as (keyof (typeof expected)[0])[];
    for (const [i, sample] of samples.entries()) {
      const found = Object.fromEntries(keys.map((key) => [key, sample[key]]));
      // as text: 60,000 matchers take a minute
      if (JSON.stringify(found) !== JSON.stringify(expected[i])) differing.push({ found, expected: expected[i] });
    }
    expect(differing).toEqual([]);
    const odd = samples.where((_, i) => i % 2 === 1);
    expect(odd.length).toBe(count / 2);
    expect(odd.pick(Uint32Array.of(3, 0)).at(1)!.key).toBe(expected[1]!.key);
    expect(samples.at(count)).toBeUndefined();
  });

  it("of the same pixels share the number of the first, also where hashes nearly collide", () => {
    const numbers = new PixelNumbers(6);
    const hashes = ["00", "00", "01", "00", "02", "01"].map((end) => `${"ab".repeat(15)}${end}`.padEnd(64, "0"));
    expect(hashes.map((hash) => numbers.add(hash))).toEqual([0, 0, 2, 0, 4, 2]);
  });
});
