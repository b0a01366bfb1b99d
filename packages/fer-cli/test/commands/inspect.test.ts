/** `fer inspect` verifies any artifact, and takes a deliberate change for what it is. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { facePng, writeFaces } from "../fixtures/faces.js";
import { fer } from "../fixtures/fer.js";
import { warmFer } from "../fixtures/warm-fer.js";

let folder: string;
const at = (path: string): string => join(folder, path);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-inspect-"));
  writeFaces(at("faces"));
  await warmFer(folder, "extract", "ckplus", "--from", "faces", "--to", "data/faces");
  await warmFer(folder, "assemble", "data/faces", "--name", "faces", "--split", "subject");
  const words = ["--architecture", "tiny", "--engine", "cpu", "--epochs", "1", "--no-report"];
  const folds = ["--split", "subject-kfold", "--folds", "2"];
  await warmFer(folder, "assemble", "data/faces", "--name", "faces-2", ...folds);
  await warmFer(folder, "train", "features/faces-2", ...words, "--views", "1", "--to", "runs/folds");
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Flips the last byte but one. */
function flip(path: string): void {
  const bytes = readFileSync(at(path));
  bytes[bytes.length - 2]! ^= 1;
  writeFileSync(at(path), bytes);
}

/** Exit code and damaged files. */
async function damagesOf(path: string): Promise<[number | null, ...string[]]> {
  const { code, stdout } = await warmFer(folder, "inspect", path, "--json");
  const { damaged = [] } = JSON.parse(stdout) as { damaged?: { damages: { file: string; kind: string }[] }[] };
  return [code, ...damaged.flatMap(({ damages }) => damages.map(({ file, kind }) => `${file} ${kind}`))];
}

describe.sequential("fer inspect", { timeout: 300_000 }, () => {
  it("finds nothing wrong with what was just made", async () => {
    for (const path of ["data/faces", "features/faces", "features/faces.json", "runs/folds", "runs/folds/fold-01"])
      expect(await damagesOf(path)).toEqual([0]);
  });

  it("lists every file of a run that has changed or is gone, those of its folds too; the change can be accepted", async () => {
    flip("runs/folds/metrics.json");
    rmSync(at("runs/folds/fold-02/history.csv"));
    appendFileSync(at("runs/folds/fold-01/last.h5"), "x");
    expect(await damagesOf("runs/folds")).toEqual([
      1,
      "metrics.json content",
      "fold-01/last.h5 size",
      "fold-02/history.csv missing",
    ]);
    const { code, stdout } = await fer(folder, "inspect", "runs/folds");
    expect({ code, stdout }).toMatchInlineSnapshot(`
      {
        "code": 1,
        "stdout": "! runs/folds is not as it was written:

      file                 what is wrong
      metrics.json         its content has changed since it was written
      fold-01/last.h5      it has 27777 bytes instead of 27776
      fold-02/history.csv  it is missing

      Restore them, or make runs/folds again. If the change is yours: fer inspect runs/folds --accept
      ",
      }
    `);
    expect((await warmFer(folder, "inspect", "runs/folds", "--accept")).stdout).toBe(
      "runs/folds: accepted metrics.json, fold-01/last.h5, fold-02/history.csv\n",
    );
    expect(await damagesOf("runs/folds/fold-02")).toEqual([0]);
    expect((await warmFer(folder, "inspect", "runs/folds", "--accept")).stdout).toBe(
      "runs/folds: nothing to accept, every file is as it was written\n",
    );
  });

  it("does the same for a set, whose later readers take the accepted file", async () => {
    flip("features/faces_train_images.npy");
    expect(await damagesOf("features/faces")).toEqual([1, "faces_train_images.npy content"]);
    const train = ["train", "features/faces", "--architecture", "tiny", "--engine", "cpu", "--epochs", "1"];
    const words = [...train, "--views", "1", "--no-report", "--to", "runs/a"];
    expect((await warmFer(folder, ...words)).stderr).toContain("fer inspect <artifact> --accept");
    expect((await warmFer(folder, "inspect", "features/faces", "--accept")).code).toBe(0);
    expect(await damagesOf("features/faces")).toEqual([0]);
    expect((await warmFer(folder, ...words)).code).toBe(0);
  });

  it("takes labels that somebody corrected by hand into the counts, and sets made of them are other sets", async () => {
    const metadata = at("data/faces/all/metadata.jsonl");
    const text = readFileSync(metadata, "utf8");
    writeFileSync(metadata, text.replace('"expression":"sad","label":5', '"expression":"happy","label":5'));
    expect(await damagesOf("data/faces")).toEqual([1, "all/metadata.jsonl size"]);
    const refused = await warmFer(folder, "inspect", "data/faces", "--accept");
    expect(refused.stderr).toMatchInlineSnapshot(`
      "error: data/faces/all/metadata.jsonl: line 6 has the expression happy and the label 5. Expected the label 4. Correct it, then accept the change again.
      "
    `);
    writeFileSync(metadata, text.replace('"expression":"sad","label":5', '"expression":"happy","label":4'));
    expect((await warmFer(folder, "assemble", "data/faces", "--name", "b")).stderr).toContain(
      "fer inspect <artifact> --accept",
    );
    expect((await warmFer(folder, "inspect", "data/faces", "--accept")).stdout).toBe(
      "data/faces: accepted all/metadata.jsonl\n",
    );
    const { stdout } = await warmFer(folder, "inspect", "data/faces", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ images: 70, counts: { all: { happy: 11, sad: 9 } }, changed: 0 });
    const other = await warmFer(folder, "assemble", "data/faces", "--name", "faces", "--split", "subject");
    expect(other.stderr).toContain('"features/faces" was made otherwise: sources');

    const again = ["extract", "ckplus", "--from", "faces", "--to", "data/faces"];
    expect((await warmFer(folder, ...again)).stderr).toContain("nothing to do");
    const later = new Date(Date.now() + 60_000);
    utimesSync(at("faces/happy/S010_005_00000001.png"), later, later);
    expect((await warmFer(folder, ...again, "--overwrite")).stderr).toMatchInlineSnapshot(`
      "error: extract: the source of "<folder>/data/faces" has changed, but so has "all/metadata.jsonl", by hand. Expected an image folder as it was extracted. Choose another target, or remove the folder to extract it anew; nothing was changed.
      "
    `);
  });

  it("finds pictures that are gone, or others than were extracted", async () => {
    const files = JSON.parse((await warmFer(folder, "inspect", "data/faces", "--json")).stdout) as {
      lists: Record<string, string[]>;
    };
    expect(files.lists["changed"]).toEqual([]);
    const [first, second] = readFileSync(at("data/faces/all/metadata.jsonl"), "utf8")
      .split("\n")
      .slice(0, 2)
      .map((line) => join("data/faces/all", (JSON.parse(line) as { file_name: string }).file_name));
    writeFileSync(at(first!), facePng(1, 1234));
    rmSync(at(second!));
    const { code, stdout } = await warmFer(folder, "inspect", "data/faces", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: 1,
      missing: 1,
      lists: { changed: [first], missing: [second] },
    });
  });

  it("refuses a mixture, and a page of something else than image folders", async () => {
    const messages = [];
    for (const words of [["data/faces", "features/faces"], ["runs/folds", "--to", "page"], ["nowhere"]])
      messages.push((await warmFer(folder, "inspect", ...words)).stderr.split("\n")[0]);
    expect(messages.join("\n")).toMatchInlineSnapshot(`
      "error: features/faces: a set. Expected image folders, or a single set or run.
      error: runs/folds: a run. Expected image folders, for --to.
      error: nowhere: no such file or folder. Expected what fer extract, fer assemble or fer train wrote. Name a set as <folder>/<name>."
    `);
  });
});
