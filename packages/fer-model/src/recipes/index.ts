/** All recipes by name. A new one is a file beside these and a line here. */
import { best } from "./best.js";
import { fast } from "./fast.js";
import { hour } from "./hour.js";
import { original } from "./original.js";
import type { Recipe } from "./recipe.js";

export const recipes = { original, fast, hour, best } as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;

/** Names in the order of the registry. */
export const RECIPES = Object.keys(recipes) as [RecipeName, ...RecipeName[]];
