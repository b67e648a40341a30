// Builds the dashboard into the package of the API, with one stylesheet of a stable name.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const BASE_CSS = "/assets/base.css";
const FIRST_LOAD_LIMIT_KB = 150;
/** What nearly every screen uses comes with the first load, in one file; screens come alone. */
const SHARED = /node_modules|src\/(api|components|i18n|lib|shell|router)/;

/** Serves and emits `base.css`, which the connect pages rendered by the API link too. */
function stableBaseCss(): Plugin {
  return {
    name: "palabre-base-css",
    transformIndexHtml: {
      order: "pre",
      handler: (html, context) =>
        context.server ? html.replace(BASE_CSS, "/src/styles/base.css") : html,
    },
    generateBundle() {
      const read = (name: string) => readFileSync(`src/styles/${name}.css`, "utf8");
      const source = [read("tokens"), read("base").replace('@import "./tokens.css";', "")]
        .join("\n")
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .replace(/\s*\n\s*/g, "\n");
      this.emitFile({ type: "asset", fileName: BASE_CSS.slice(1), source });
    },
  };
}

/** Prints what a browser loads first and stops the build above the promised size. */
function firstLoadBudget(): Plugin {
  return {
    name: "palabre-first-load",
    generateBundle(_options, bundle) {
      const sizes = new Map<string, number>();
      const queue = Object.values(bundle).filter((c) => c.type === "chunk" && c.isEntry);
      for (const chunk of queue) {
        if (chunk.type !== "chunk" || sizes.has(chunk.fileName)) continue;
        sizes.set(chunk.fileName, gzipSync(chunk.code).length / 1000);
        queue.push(...chunk.imports.flatMap((name) => bundle[name] ?? []));
      }
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      console.log(`first load: ${total.toFixed(1)} kB of script (gzip), without the language file`);
      if (total > FIRST_LOAD_LIMIT_KB) this.error(`First load above ${FIRST_LOAD_LIMIT_KB} kB.`);
    },
  };
}

export default defineConfig({
  plugins: [stableBaseCss(), firstLoadBudget()],
  build: {
    outDir: "../palabre_api/static/dashboard",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "shared", test: SHARED }] } },
    },
  },
  server: { port: 8810, proxy: { "/v1": "http://127.0.0.1:8800", "/health": "http://127.0.0.1:8800" } },
});
