/** All architectures by name. A new one is a file beside these and a line here. */
import type { Architecture } from "./architecture.js";
import { ferCnnSmall } from "./fer-cnn-small.js";
import { ferCnn } from "./fer-cnn.js";
import { ferResnet9 } from "./fer-resnet9.js";
import { ferVgg } from "./fer-vgg.js";
import { miniXception } from "./mini-xception.js";
import { resnet } from "./resnet.js";
import { tiny } from "./tiny.js";
import { vgg } from "./vgg.js";

export const architectures = {
  "fer-vgg": ferVgg,
  "fer-resnet9": ferResnet9,
  "fer-cnn": ferCnn,
  "fer-cnn-small": ferCnnSmall,
  resnet,
  vgg,
  "mini-xception": miniXception,
  tiny,
} as const satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof architectures;

/** Names in the order of the registry, the default first. */
export const ARCHITECTURES = Object.keys(architectures) as [ArchitectureName, ...ArchitectureName[]];

export { ArchitectureOptions, defineArchitecture } from "./architecture.js";
export type { Architecture, ArchitectureDefinition } from "./architecture.js";
export { multiplyAdds } from "./multiply-adds.js";
export { netOf, NetOptions } from "./net-options.js";
export { SeededLayers } from "./seeded-layers.js";
export type { ConvOptions, DenseOptions, ImageShape, KernelInitializer } from "./seeded-layers.js";
