/** How a topology's imports are linked, and what `import.meta` means in it. @module */
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, extname, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Installation } from './installation.js';

/**
 * Links what is imported by name: Squall, zod and rxjs (whose types are part of its interface) to those of the installation, other
 * packages to where they lie for the file that imports them. An absolute URL works from wherever the artefact is.
 */
export const links = (installation: Installation): Plugin => ({
  name: 'links',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, (args) => {
      // The second time is our own question to esbuild.
      if (args.pluginData === ASKED || isBuiltin(args.path)) return undefined;
      if (/^squall(\/|$)/.test(args.path)) return ours(args.path, installation);
      return installed(build, args, isShared(args.path) ? installation.root : args.resolveDir);
    });
  },
});

/**
 * Keeps `import.meta.url`, `dirname` and `filename` those of the source, not of the artefact:
 * `new URL('./geo.mmdb', import.meta.url)` is beside the file that says so.
 */
export const importMeta: Plugin = {
  name: 'import-meta',
  setup(build) {
    build.onLoad({ filter: /\.m?[jt]s$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.')) return undefined;
      const define = {
        'import.meta.url': JSON.stringify(pathToFileURL(path).href),
        'import.meta.filename': JSON.stringify(path),
        'import.meta.dirname': JSON.stringify(dirname(path)),
      };
      const loader = extname(path).endsWith('ts') ? 'ts' : 'js';
      const options = {
        loader,
        define,
        sourcemap: 'inline',
        sourcefile: basename(path),
        logLevel: 'silent',
      } as const;
      return build.esbuild.transform(text, options).then(
        ({ code }) => ({ contents: code, loader: 'js' as const }),
        () => undefined, // The build meets the same error and says where it is.
      );
    });
  },
};

const ASKED = {};

const isShared = (specifier: string): boolean => /^(zod|rxjs)(\/|$)/.test(specifier);

function ours(specifier: string, { modules }: Installation): OnResolveResult {
  const module = modules.get(specifier);
  if (module !== undefined) return { path: pathToFileURL(module.code).href, external: true };
  return {
    errors: [
      {
        text: `Squall has no module "${specifier}". Import one of: ${[...modules.keys()].join(', ')}.`,
      },
    ],
  };
}

/** A package stays outside; a tsconfig's alias or a linked workspace is source, and is bundled. */
async function installed(
  build: PluginBuild,
  args: OnResolveArgs,
  resolveDir: string,
): Promise<OnResolveResult> {
  const { kind, importer, namespace } = args;
  const { path, errors } = await build.resolve(args.path, {
    kind,
    importer,
    namespace,
    resolveDir,
    pluginData: ASKED,
  });
  if (errors.length > 0)
    return {
      errors: [{ text: `Cannot find "${args.path}" from ${resolveDir}. Install it there.` }],
    };
  if (!path.includes(`${sep}node_modules${sep}`)) return { path };
  return { path: pathToFileURL(path).href, external: true };
}
