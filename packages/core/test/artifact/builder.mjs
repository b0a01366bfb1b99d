/** A process of its own that builds: `node builder.mjs <to> <number> <milliseconds> [resume]`; prints what became of it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "@fer/core/artifact";

const [to, number, milliseconds, ...flags] = process.argv.slice(2);
const COUNT = 8;
const say = (text) => process.stdout.write(`${text}\n`);

try {
  const { status } = await build(
    {
      subject: "builder",
      to,
      description: "answer.json",
      identity: { number },
      resume: flags.includes("resume"),
      wait: flags.includes("wait"),
      read: async (folder) => {
        const text = await readFile(join(folder, "answer.json"), "utf8").catch(() => null);
        return text === null ? null : { identity: JSON.parse(text) };
      },
    },
    async ({ tree, scratch }) => {
      say("working");
      const done = Number(await readFile(join(scratch, "done"), "utf8").catch(() => "0"));
      for (let i = done; i < COUNT; i++) {
        await mkdir(join(tree, `part-${i}`), { recursive: true });
        await writeFile(join(tree, `part-${i}`, "number.txt"), number);
        await sleep(Number(milliseconds) / COUNT);
        await writeFile(join(scratch, "done"), String(i + 1));
      }
      await writeFile(join(tree, "answer.json"), JSON.stringify({ number }));
    },
  );
  say(status);
} catch (error) {
  say(`${error.code ?? "failed"} ${error.message}`);
  process.exitCode = 1;
}
