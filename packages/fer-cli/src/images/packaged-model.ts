/** The model that comes along, for whoever names none. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Its folder: `@fer/weights/fer2013`. */
export const PACKAGED_MODEL = join(dirname(fileURLToPath(import.meta.resolve("@fer/weights/package.json"))), "fer2013");
