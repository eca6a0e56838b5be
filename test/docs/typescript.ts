/**
 * Checks TypeScript that stands in documents, the way `squall run` checks a user's file, against
 * the sources.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkTypes } from '../../runtime/artefact/check-types.js';

export const root = process.cwd();

/** What users import, and the file that says what is in it. */
export const MODULES: ReadonlyMap<string, string> = new Map([
  ['squall', 'index.ts'],
  ['squall/rx', 'bolts/rx/index.ts'],
  ['squall/testing', 'runtime/testing/index.ts'],
  ['squall/reveal', 'topology/reveal.ts'],
]);

export interface Mistake {
  readonly program: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** What the compiler finds in some programs, each a module of its own, by name. */
export async function mistakesIn(programs: ReadonlyMap<string, string>): Promise<Mistake[]> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-docs-'));
  try {
    const main = join(folder, 'main.ts');
    writeFileSync(main, [...programs.keys()].map((name) => `import './${name}.ts';\n`).join(''));
    for (const [name, text] of programs)
      writeFileSync(join(folder, `${name}.ts`), `${text}\nexport {};\n`);
    const problems = await checkTypes(main, { root, modules });
    return problems.map(({ file, line, message }) => ({
      program: file.slice(folder.length + 1, -'.ts'.length),
      line,
      message,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const modules = new Map(
  [...MODULES].map(([specifier, file]) => {
    const path = join(root, file);
    return [specifier, { types: path, code: path }];
  }),
);

/** The names that a module passes on, with the file that each is from. */
export function exportsOf(module: string): Map<string, string> {
  const source = readFileSync(join(root, module), 'utf8');
  const passed = source.matchAll(/^export (?:type )?(?:\*|\{([^}]*)\}) from '(.+)';/gm);
  return new Map(
    [...passed].flatMap(([, names, from]) => {
      const origin = join(dirname(module), from!).replace(/\.js$/, '.ts');
      const further = exportsOf(origin);
      if (names === undefined) return [...further];
      return namesOf(names).map((name): [string, string] => [name, further.get(name) ?? origin]);
    }),
  );
}

/** An import, in one line, of what `text` uses of our modules without declaring it. */
export function importsFor(text: string): string {
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  const declared = declaredIn(text);
  const imports = [...MODULES].map(([specifier, file]) => {
    const names = [...exportsOf(file).keys()].filter((name) => uses(name) && !declared.has(name));
    return `import { ${names.join(', ')} } from '${specifier}';`;
  });
  return imports.join(' ');
}

export function declaredIn(text: string): ReadonlySet<string> {
  const one = text.matchAll(/\b(?:const|function|class|type|interface) (\w+)/g);
  const several = text.matchAll(/^(?:import|const) [[{]([^\]}]*)[\]}]/gm);
  return new Set([
    ...[...one].map(([, name]) => name!),
    ...[...several].flatMap(([, names]) => namesOf(names!)),
  ]);
}

/** `a, type b, c as d` names a, b and d. */
const namesOf = (list: string): string[] => list.match(/\w+(?=\s*(?:,|$))/g) ?? [];
