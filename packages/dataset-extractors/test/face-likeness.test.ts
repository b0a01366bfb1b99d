/** The guard of @fer/core on real faces that it has not seen. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { faceLikeness } from "@fer/core";
import { prepareImage } from "@fer/dataset-extractors/image";
import { describe, expect, test } from "vitest";

describe.skipIf(!process.env.FER_DATA)("faceLikeness (needs FER_DATA)", () => {
  test("doubts fewer than one of a hundred faces of CK+", { timeout: 120_000 }, async () => {
    const root = path.join(process.env.FER_DATA!, "ckplus-seed");
    const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) => file.endsWith(".png"));
    let doubted = 0;
    for (const file of files) {
      const data = await prepareImage(path.join(root, file), { size: 48, channels: 1, fit: "stretch" });
      if (!faceLikeness({ data, size: 48 }).looksLikeFace) doubted += 1;
    }
    expect(files.length).toBeGreaterThan(300);
    expect(doubted / files.length).toBeLessThan(0.01);
  });
});
