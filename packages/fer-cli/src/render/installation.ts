/** What `fer setup tensorflow` says. */
import type { Installation } from "@fer/tfjs-graph/setup";

/** Version, size and folder. */
export function renderInstallation({ folder, manifest }: Installation): string {
  const megabytes = Math.round(manifest.bytes / 1e6).toLocaleString("en-US");
  return `TensorFlow ${manifest.version} (${manifest.flavour}) is set up in ${folder}, ${megabytes} MB\nfer engines shows it, fer train --engine auto takes it`;
}
