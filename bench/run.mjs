/**
 * Runs benchmarks: `pnpm bench <name>...` (all without a name), `pnpm bench --list`, `pnpm bench --readme`.
 *
 * A benchmark is a file `bench/<name>.mjs` that exports `title`, `peers` (how to get them) and an async
 * `run({ log, python })` that returns rows `{ subject, case, value, unit, ratio }`, subject and peer measured
 * interleaved in the same run; `ratio` is subject / peer, or null, and so is a `value` that is not known. The result is written to `results/<name>.json`
 * with machine, load, date and commit, and the table in README.md is made from the results.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const results = join(here, "results");
const NOT_BENCHMARKS = new Set(["run.mjs", "gpu-bundle.mjs", "gpu-table.mjs", "fer2013-tables.mjs"]);
const available = readdirSync(here)
  .filter((name) => name.endsWith(".mjs") && !NOT_BENCHMARKS.has(name))
  .map((name) => name.slice(0, -4));

const git = (...args) => execFileSync("git", args, { cwd: here, encoding: "utf8" }).trim();

function machine() {
  const features = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  const has = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"].filter((flag) => features.includes(` ${flag}`));
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    features: has,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

async function bench(name) {
  const { run, title, peers } = await import(`./${name}.mjs`);
  console.error(`== ${name}: ${title}`);
  const load = loadavg()[0];
  const rows = await run({ log: (line) => console.error(line), python: process.env.FER_PYTHON });
  const dirty = git("status", "--porcelain", "--untracked-files=no") !== "";
  const result = {
    title,
    peers,
    command: `pnpm bench ${name}`,
    machine: { ...machine(), loadBefore: load },
    date: new Date().toISOString().slice(0, 10),
    commit: git("rev-parse", "HEAD") + (dirty ? " with changes" : ""),
    rows,
  };
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  for (const row of rows)
    console.log(
      [row.case, row.subject, format(row.value), row.unit, row.ratio === null ? "" : `${row.ratio.toFixed(2)}x`].join(
        "\t",
      ),
    );
}

const format = (value) =>
  value === null ? "unknown" : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);

/** README.md below the marker is made of the results. */
function writeReadme() {
  const file = join(here, "README.md");
  const marker = "<!-- results -->";
  const text = [readFileSync(file, "utf8").split(marker)[0] + marker];
  for (const name of readdirSync(results)
    .filter((entry) => entry.endsWith(".json"))
    .sort()) {
    const {
      title,
      peers,
      command,
      machine: on,
      date,
      commit,
      rows,
    } = JSON.parse(readFileSync(join(results, name), "utf8"));
    text.push(
      `\n## ${title}\n`,
      `\`${command}\` on ${on.processor}, ${on.cores} cores${on.features.length > 0 ? ` (${on.features.join(", ")})` : ""}, Node ${on.node}, ${date}, commit ${commit.slice(0, 10)}${commit.includes("changes") ? " with changes" : ""}, load before ${on.loadBefore.toFixed(2)}. Peers: ${peers}.\n`,
      "| case | subject | value | ratio |",
      "|---|---|---:|---:|",
      ...rows.map(
        (row) =>
          `| ${row.case} | ${row.subject} | ${format(row.value)} ${row.unit} | ${row.ratio === null ? "" : row.ratio.toFixed(2)} |`,
      ),
    );
  }
  writeFileSync(file, `${text.join("\n")}\n`);
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
if (process.argv.includes("--list")) console.log(available.join("\n"));
else {
  const unknown = names.find((name) => !available.includes(name));
  if (unknown !== undefined) {
    console.error(`No benchmark is called "${unknown}". There are: ${available.join(", ")}`);
    process.exit(2);
  }
  if (!process.argv.includes("--readme")) for (const name of names.length > 0 ? names : available) await bench(name);
  writeReadme();
}
