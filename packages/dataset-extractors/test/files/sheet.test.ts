import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { xlsxRows } from "../../dist/files/sheet.js";
import { collect } from "../fixtures/collect.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-xlsx-"));
});
afterAll(() => rm(folder, { recursive: true }));

const refusal = async (name: string, bytes: Buffer | string) => {
  await writeFile(join(folder, name), bytes);
  return collect(xlsxRows(join(folder, name), { file: name })).catch((error: Error) => error.message);
};

describe("xlsxRows", () => {
  it("gives cells as text by row number, empty cells as empty text", async () => {
    const path = join(folder, "a.xlsx");
    await writeXlsxFile([
      [{ value: "url" }, { value: "'AU 1'" }, null],
      [null, null, null],
      [{ value: "a.jpg" }, { value: 1, type: Number }, { value: true, type: Boolean }],
    ]).toFile(path);
    expect(await collect(xlsxRows(path))).toEqual([
      { line: 1, cells: ["url", "'AU 1'", ""] },
      { line: 3, cells: ["a.jpg", "1", "true"] },
    ]);
  });

  it("says which files are no workbook, and which only need a password", async () => {
    const ole = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(504)]);
    expect([
      await refusal("locked.xlsx", ole),
      await refusal("page.xlsx", "<html>"),
      await refusal("cut.xlsx", "PK\u0003\u0004 and no more"),
      await refusal("pointer.xlsx", "version https://git-lfs.github.com/spec/v1\n"),
      await collect(xlsxRows(join(folder, "none.xlsx"), { file: "none.xlsx" })).catch((error: Error) => error.message),
    ]).toMatchInlineSnapshot(`
      [
        "locked.xlsx: a workbook that is protected by a password (or an old .xls). Expected an .xlsx without password. Open it with the owner's password and save it without one, or as .csv.",
        "page.xlsx: a file that is not a workbook. Expected an .xlsx (a zip archive).",
        "cut.xlsx: a workbook that cannot be read. Expected an Excel workbook with a sheet of rows.",
        "pointer.xlsx: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner.",
        "none.xlsx: the file cannot be read (ENOENT). Expected a readable file. Check that the path is right.",
      ]
    `);
  });
});
