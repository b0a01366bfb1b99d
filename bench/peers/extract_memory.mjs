/** One extraction for bench/scale.mjs: extract_memory.mjs FROM TO; prints seconds, peak memory in bytes, and the counts. */
import { extract } from "@fer/dataset-extractors";

const [from, to] = process.argv.slice(2);
const began = performance.now();
const { info } = await extract({ adapter: "affwild2", from, to, workers: 2 });
const seconds = (performance.now() - began) / 1000;
const peak = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ seconds, peak, info: { rows: info.rows, total: info.total } }));
