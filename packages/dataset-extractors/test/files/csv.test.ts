import { describe, expect, it } from "vitest";
import { type CsvColumns, csvRecords, csvRows } from "../../dist/files/csv.js";
import { textLines } from "@fer/core";
import { collect } from "../fixtures/collect.js";

const rows = (text: string, separator?: string) =>
  csvRows(textLines([text], "t.csv"), { file: "t.csv", ...(separator === undefined ? {} : { separator }) });
const records = <Name extends string>(text: string, columns: Omit<CsvColumns<Name>, "file">) =>
  collect(csvRecords(rows(text), { file: "t.csv", ...columns }));

describe("csvRows", () => {
  it("cuts plain rows and numbers them by line, leaving out blank lines", async () => {
    expect(await collect(rows("a,b\r\n\r\n1,\n  \n,2"))).toEqual([
      { line: 1, cells: ["a", "b"] },
      { line: 3, cells: ["1", ""] },
      { line: 5, cells: ["", "2"] },
    ]);
  });

  it("reads quoted cells with separators, doubled quotes and line breaks", async () => {
    expect(await collect(rows('x.png,"(0, 0, 48, 48)",4\n"say ""a""","",z\n"two\r\nlines",1,"2"\n'))).toEqual([
      { line: 1, cells: ["x.png", "(0, 0, 48, 48)", "4"] },
      { line: 2, cells: ['say "a"', "", "z"] },
      { line: 3, cells: ["two\nlines", "1", "2"] },
    ]);
  });

  it("reads tabs", async () => {
    expect(await collect(rows("a\tb c\t1", "\t"))).toEqual([{ line: 1, cells: ["a", "b c", "1"] }]);
  });

  it("reads a row of 1 MB, quoted or not", async () => {
    const pixels = "255 ".repeat(262_144).trim();
    expect(await collect(rows(`0,${pixels}\n1,"${pixels}"`))).toEqual([
      { line: 1, cells: ["0", pixels] },
      { line: 2, cells: ["1", pixels] },
    ]);
  });

  it("refuses a quote that is never closed, naming where it opens", async () => {
    await expect(collect(rows('a,b\n1,"2\n3,4\n'))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv, line 2: a quote that is never closed. Expected a second quote at the end of the cell. The file may be cut off: download it again.]`,
    );
    await expect(collect(rows(`"a${"\nx".repeat(10_001)}`))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv, line 1: a quote that is never closed. Expected a second quote at the end of the cell. The file may be cut off: download it again.]`,
    );
  });

  it("refuses text after a closing quote", async () => {
    await expect(collect(rows('"a"b,c\n'))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv, line 1: text after a closing quote. Expected a separator or the end of the line.]`,
    );
  });
});

describe("csvRecords", () => {
  const columns = { required: ["emotion", "pixels"], optional: ["Usage"] } as const;

  it("finds columns by name, whatever their order, case, blanks and quotes", async () => {
    expect(await records("\uFEFFEmotion, Usage, 'pixels'\n3,Training,1 2\n", columns)).toEqual([
      { line: 2, values: { emotion: "3", pixels: "1 2", Usage: "Training" } },
    ]);
  });

  it("gives an absent optional column as an empty cell", async () => {
    expect(await records("emotion,pixels\n3,1 2", columns)).toEqual([
      { line: 2, values: { emotion: "3", pixels: "1 2", Usage: "" } },
    ]);
  });

  it("reads a file without header by position, and loses no row of it", async () => {
    const positional = ["path", null, "label"] as const;
    expect(await records("a.jpg,9,1\nb.jpg,9,2\n", { required: ["path", "label"], positional })).toEqual([
      { line: 1, values: { path: "a.jpg", label: "1" } },
      { line: 2, values: { path: "b.jpg", label: "2" } },
    ]);
  });

  it("demands a header where none is optional", async () => {
    await expect(records("0,1 2 3\n", columns)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv: the first row is "0,1 2 3". Expected a header with emotion, pixels.]`,
    );
  });

  it("refuses short and long rows with their line", async () => {
    await expect(records("emotion,pixels\n1,2\n1\n", columns)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv, line 3: 1 cell. Expected 2. The file may be cut off: download it again.]`,
    );
    await expect(records("emotion,pixels\n1,2,3\n", columns)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv, line 2: 3 cells. Expected 2. Quote cells that hold the separator.]`,
    );
  });

  it("refuses a second header and a doubled column", async () => {
    await expect(records("emotion,pixels\n1,2\nemotion,pixels\n", columns)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv, line 3: the header once more. Expected one header, on top. The file seems to be two files joined: pass the owner's own.]`,
    );
    await expect(records("emotion,pixels,emotion\n1,2,3\n", columns)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FormatError: t.csv: two columns called "emotion". Expected one.]`,
    );
  });
});
