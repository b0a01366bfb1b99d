/** Options and a recipe: what is given wins, the recipe says the rest, and the defaults what is left. */
import { formatCount } from "@fer/core";
import type { SetInfo } from "@fer/core/set";
import type { z } from "zod";
import type { TrainerOptions } from "../train/options.js";
import { type RecipeName, recipes } from "./index.js";
import { type Recipe, type SetSize, type Settings, setSize } from "./recipe.js";

type Given = z.input<typeof TrainerOptions>;

/** The recipe that was taken, and why; `none` for the defaults alone. */
export interface ChosenRecipe {
  name: RecipeName | "none";
  reason: string;
}

/** Edge of the images that recipes speak of. */
const EDGE = 48;

/**
 * Chooses the recipe and puts what is given over it.
 *
 * @param hasModel A network is passed by value.
 */
export function applyRecipe(
  given: Given,
  { info, hasModel }: { info: SetInfo; hasModel: boolean },
): { options: Given; recipe: ChosenRecipe } {
  const count = trainingImages(info);
  const size = setSize(count);
  const recipe = chosen(given, { count, size, hasModel });
  if (recipe.name === "none") return { options: { ...given, recipe: "none" }, recipe };
  const settings = settingsFor(recipes[recipe.name], { given, info, size });
  return { options: { ...over(settings, given), recipe: recipe.name }, recipe };
}

/** Those that a set trains on; of folds all of them. */
const trainingImages = ({ parts }: SetInfo): number => (parts.train ?? parts.all)?.count ?? 0;

function chosen(
  { recipe = "auto", architecture, from }: Given,
  { count, size, hasModel }: { count: number; size: SetSize; hasModel: boolean },
): ChosenRecipe {
  const about = `a ${size} set, ${formatCount(count)} training images`;
  if (recipe !== "auto") return { name: recipe, reason: `asked for; ${about}` };
  if (architecture !== undefined || hasModel || (from ?? null) !== null)
    return { name: "none", reason: "a recipe is made for its own network, and another one was named" };
  if (size === "small") return { name: "none", reason: `the defaults are made for ${about}` };
  return { name: "hour", reason: about };
}

function settingsFor(
  { settings, otherwise = {}, votesShare }: Recipe,
  { given, info, size }: { given: Given; info: SetInfo; size: SetSize },
): Settings {
  const own = { ...settings[size], ...(given.architecture === undefined ? {} : otherwise[given.architecture]) };
  const scaled = (edge: number): number => Math.round((edge * info.image.size) / EDGE);
  const hasVotes = info.targets?.includes("votes") === true && Object.keys(own).length > 0;
  return {
    ...own,
    ...(typeof own.crop === "number" ? { crop: scaled(own.crop) } : {}),
    ...(own.sizes == null ? {} : { sizes: own.sizes.map(scaled) }),
    ...(hasVotes && votesShare !== null ? { labels: { name: "votes", share: votesShare, calibrated: true } } : {}),
  };
}

/** Options of which one says all: any of a row that is given makes those of the recipe mean nothing. */
const EXCLUSIVE: readonly (readonly (keyof Settings)[])[] = [
  ["epochs", "steps", "budget"],
  ["ema", "swa"],
];

function over(settings: Settings, given: Given): Given {
  const isGiven = (key: keyof Given): boolean => given[key] !== undefined;
  const isSet = (key: keyof Given): boolean => (given[key] ?? null) !== null;
  const result: Record<string, unknown> = { ...given };
  for (const key of Object.keys(settings) as (keyof Settings)[]) {
    if (EXCLUSIVE.some((row) => row.includes(key) && row.some(isSet))) continue;
    const isOfOther = isGiven("architecture") && given.architecture !== settings.architecture;
    if (key === "net" && isOfOther) continue;
    result[key] = isGiven(key) ? joined(settings[key], given[key]) : settings[key];
  }
  return result as Given;
}

/** What is given over what the recipe says, key by key where both are options of the same thing. */
function joined(recipe: unknown, given: unknown): unknown {
  if (!isRecord(recipe) || !isRecord(given)) return given;
  const isOther = given["name"] !== undefined && given["name"] !== recipe["name"];
  return isOther ? given : { ...recipe, ...given };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
