/** What `bench/gpu-bundle.mjs` runs on the other machine: the engines that it carries, and PyTorch, as a table. */
process.env.FER_BENCH_CASES ??= "mini:64 mini:512 fer-resnet9:64 fer-resnet9:512 fer-cnn:64";
process.env.FER_BENCH_SUBJECTS ??= "webgpu,onnx,PyTorch,PyTorch bfloat16";

const { run } = await import("./engines.mjs");
const rows = await run({ log: (line) => console.error(line), python: process.env.FER_PYTHON });
for (const { subject, case: of, value, unit, ratio } of rows)
  console.log([of, subject, value.toFixed(0), unit, ratio === null ? "" : `${ratio.toFixed(2)}x`].join("\t"));
process.exitCode = rows.some(({ subject, value }) => subject === "webgpu" && value > 0) ? 0 : 1;
