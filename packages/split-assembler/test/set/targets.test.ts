/** What owners say beside the class survives: votes, valence and arousal, in the rows of the samples. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { openSet } from "@fer/core/set";
import { Assembler } from "@fer/split-assembler";
import { load } from "npyjs";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "../fixtures/image-folder.ts";

const folder = testFolder();
const votesOf = (label: number): number[] => [0, 1, 2, 3, 4, 5, 6, 7].map((c) => (c === label ? 6 : c / 8));
const voted = balancedImages({ subjects: 5 }).map((image, i) => {
  const label = Math.floor(i / 5);
  return Object.assign(image, {
    votes: i % 5 === 4 ? null : votesOf(label),
    valence: i % 2 === 0 ? i / 100 : null,
    arousal: i % 4 === 0 ? 0.5 - i / 100 : null,
  });
});

describe("a set of sources with votes and continuous labels", () => {
  it("has them in arrays beside the labels, NaN where they are missing", async () => {
    const data = writeImageFolder(folder.at("data"), voted);
    const assembler = new Assembler({ name: "mix", to: folder.at("set"), split: "ratio", testShare: 0.4 });
    const made = await assembler.assemble([data]);
    made.close();
    const set = await openSet(folder.at("set/mix"), { verify: true });
    expect(set.info.targets).toEqual(["votes", "va"]);
    const byId = new Map(voted.map((image) => [image.id, image]));
    for (const part of ["train", "test"] as const) {
      const reader = set.part(part);
      const votes = await load(readFileSync(folder.at(`set/mix_${part}_votes.npy`)));
      expect(votes).toMatchObject({ shape: [reader.count, 7], data: await reader.target("votes") });
      const va = (await reader.target("va"))!;
      let row = 0;
      for await (const { id } of reader.rows()) {
        const { votes: counts, valence, arousal } = byId.get(id)!;
        const wanted = counts?.slice(0, 7) ?? Array.from({ length: 7 }, () => Number.NaN);
        expect([...(votes.data as Float32Array).subarray(7 * row, 7 * row + 7)]).toEqual(wanted.map(Math.fround));
        expect([...va.subarray(2 * row, 2 * row + 2)]).toEqual(
          [valence ?? Number.NaN, arousal ?? Number.NaN].map(Math.fround),
        );
        row += 1;
      }
    }
    set.close();
  });

  it("has contempt's votes in eight classes, and of folds one array", async () => {
    const data = writeImageFolder(
      folder.at("eight"),
      voted.concat(balancedImages({ classes: 8 }).slice(35) as typeof voted),
    );
    const options = { classes: 8, split: "subject-modulo", folds: 2 } as const;
    const set = await new Assembler({ name: "mix", to: folder.at("set-8"), ...options }).assemble([data]);
    expect((await set.part("all").target("votes"))!.length).toBe(8 * 40);
    set.close();
  });

  it("notices an array that has changed or gone", async () => {
    const file = folder.at("set/mix_test_votes.npy");
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, -4));
    await expect(openSet(folder.at("set/mix"))).rejects.toMatchObject({ code: "TRUNCATED" });
    rmSync(file);
    await expect(openSet(folder.at("set/mix"))).rejects.toMatchObject({ code: "MISSING_FILE" });
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    await expect(openSet(folder.at("set/mix"), { verify: true })).rejects.toMatchObject({ code: "DAMAGED" });
  });

  it("of other sources there is none", async () => {
    const data = writeImageFolder(folder.at("plain"), balancedImages());
    const set = await new Assembler({ name: "mix", to: folder.at("plain-set") }).assemble([data]);
    expect([set.info.targets, await set.part("train").target("va")]).toEqual([undefined, null]);
    set.close();
  });
});
