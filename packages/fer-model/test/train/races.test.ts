/**
 * Two trainings into one folder, with equal and with different seeds, also in two pid namespaces (`unshare`, needs root
 * on Linux): one works, the other is told who holds it, and nothing is mixed. `FER_RACES=20` for more rounds.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";
import { fitProcess } from "./fit-process.ts";

const ROUNDS = Number(process.env["FER_RACES"] ?? 2);
const hasNamespaces = spawnSync("unshare", ["-pfm", "--mount-proc", "true"]).status === 0;
const options = { architecture: "tiny", engine: "cpu", epochs: 10, batchSize: 8, report: false } as const;

const REFUSAL = /process \d+ on .* is at work on|was made otherwise: seed (1 there, 2|2 there, 1) asked for/;

let folder: string;
let set: string;
const expected = new Map<number, Record<string, string>>();
const fit = (to: string, seed: number, container = false) =>
  fitProcess({ set, to: join(folder, to), options: { ...options, seed }, cwd: folder, container }).ended;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-races-"));
  (await tinySet(join(folder, "set"))).close();
  set = join(folder, "set/tiny");
  for (const seed of [1, 2]) {
    await fit(`seed-${seed}`, seed);
    expected.set(seed, await tree(join(folder, `seed-${seed}`)));
  }
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

describe.each([
  ["in one place", false],
  ["in two containers", true],
] as const)("%s", (where, container) => {
  test.skipIf(container && !hasNamespaces).each([
    ["equal seeds", [1, 1]],
    ["different seeds", [1, 2]],
  ] as const)(
    "two trainings of %s: one works, the other says who holds it",
    async (name, seeds) => {
      for (let round = 0; round < ROUNDS; round++) {
        const to = `${where} ${name} ${round}`;
        const ends = (await Promise.all(seeds.map((seed) => fit(to, seed, container)))).map((events) => events.at(-1)!);
        const winners = ends.filter(({ event }) => event === "end");
        expect(winners.length).toBeGreaterThanOrEqual(1);
        const refusals = ends.flatMap((end) => (end.event === "error" ? [end.message] : []));
        expect(refusals.filter((message) => !REFUSAL.test(message))).toEqual([]);
        const [winner] = winners;
        expect(await tree(join(folder, to))).toEqual(expected.get(winner?.event === "end" ? winner.seed : 0));
        expect((await readdir(folder)).filter((each) => each.startsWith("."))).toEqual([]);
      }
    },
    600_000,
  );
});
