/** What `fer setup tensorflow` says. */
import { formatCount } from "@fer/core";
import type { Installation } from "@fer/tfjs-graph/setup";

/** Version, size and folder. */
export function renderInstallation({ folder, manifest }: Installation): string {
  const megabytes = (bytes: number): string => `${formatCount(bytes / 1e6)} MB`;
  const size = `${megabytes(manifest.bytes)} (${megabytes(manifest.downloaded)} downloaded)`;
  return `TensorFlow ${manifest.version} (${manifest.flavour}) is set up in ${folder}, ${size}\nfer engines shows it, fer train --engine auto takes it`;
}
