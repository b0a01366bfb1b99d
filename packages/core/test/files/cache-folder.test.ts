import { join } from "node:path";
import { cacheFolder } from "@fer/core";
import { describe, expect, it } from "vitest";

describe.skipIf(process.platform !== "linux")("cacheFolder", () => {
  it("takes FER_CACHE, then XDG_CACHE_HOME, then ~/.cache", () => {
    expect(cacheFolder({ FER_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheFolder({ XDG_CACHE_HOME: "/b" })).toBe(join("/b", "fer"));
    expect(cacheFolder({})).toMatch(/[/\\]\.cache[/\\]fer$/);
  });

  it("takes a variable that is set to nothing as not set", () => {
    expect(cacheFolder({ FER_CACHE: "", XDG_CACHE_HOME: "" })).toBe(cacheFolder({}));
  });
});
