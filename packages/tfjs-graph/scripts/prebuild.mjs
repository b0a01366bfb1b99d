/**
 * Puts the addon of this machine's installation into `prebuilt/`, for a release: its users then need no compiler.
 * Run it on the oldest Linux that is supported (the addon needs a C library as new as the one it was built with);
 * an addon that does not load at a user's is compiled there.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { PREBUILT } from "../dist/setup/build-binding.js";
import { setupTensorFlow } from "../dist/setup/index.js";

const { folder } = await setupTensorFlow({}, { onProgress: (message) => process.stderr.write(`${message}\n`) });
mkdirSync(dirname(PREBUILT), { recursive: true });
copyFileSync(join(folder, "tfjs_binding.node"), PREBUILT);
copyFileSync(join(folder, "stderr.node"), join(dirname(PREBUILT), "stderr.node"));
process.stdout.write(`${PREBUILT}\n`);
