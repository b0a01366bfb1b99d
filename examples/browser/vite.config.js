import { defineConfig } from "vite";

// Addresses relative to the page: the build works in any folder of any host.
export default defineConfig({ base: "./", build: { target: "es2023" } });
