export { build, changeInPlace, stopped } from "./build.js";
export type { BuildOptions, Built, Existing, Workplace } from "./build.js";
export { canonicalJson, describeDifferences, differences } from "./identity.js";
export type { Difference, Identity } from "./identity.js";
export { takeLock } from "./lock.js";
export type { Lock, LockOptions } from "./lock.js";
export { damaged, filesBelow, hashFile, Manifest, MANIFEST } from "./manifest.js";
export type { Damage, FileEntry } from "./manifest.js";
export { nearestRealPath } from "./target.js";
