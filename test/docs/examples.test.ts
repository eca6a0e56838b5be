/** Every `@example` in a file from which users import something compiles. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { declaredIn, exportsOf, importsFor, MODULES, mistakesIn, root } from './typescript.js';

/** What examples take for granted. A stream of nothing fits every bolt. */
const CONTEXT: { readonly [name: string]: string } = {
  readFileSync: `import { readFileSync } from 'node:fs';`,
  delay: `import { delay } from 'rxjs';`,
  distinctUntilChanged: `import { distinctUntilChanged } from 'rxjs';`,
  t: 'declare const t: TopologyBuilder;',
  lines: 'declare const lines: Stream<RawLine>;',
  requests: 'declare const requests: Stream<never>;',
  safe: 'declare const safe: Stream<never>;',
  counts: 'declare const counts: Stream<never>;',
  context: 'declare const context: BoltContext;',
  host: 'declare const host: string;',
  count: 'declare const count: number;',
  Hit: `const Hit = schema('hit', { id: text() });`,
  Safe: `const Safe = schema('safe', { country_code: text() });`,
  Edit: `const Edit = schema('edit', { user: pii('user_id') });`,
  Problem: `const Problem = schema('problem', { message: pii('free_text') });`,
  myTopology: 'declare const myTopology: Topology;',
};

/** Where the same name is another thing. */
const SPECIAL: { readonly [file: string]: string } = {
  'bolts/route/route.ts': `const Request = schema('request', { host: text() });`,
  'topology/dsl/bolt.ts': `
const Request = schema('request', { ip: pii('ip') });
const Located = extend(Request, { country: text() });
declare const countryOf: (ip: Pii<'ip'>) => string;`,
  'topology/dsl/reject.ts': 'declare const row: Row<{ host: string }>;',
  'topology/plan/build.ts': 'declare const topology: Topology;',
  'topology/rows/percent-decoded.ts': `
declare const row: Row<{ userAgent: string }>;
declare const emit: { decoded: Emit<{ userAgent: string }> };`,
  'topology/rows/pii.ts': `declare const emit: { requests: Emit<{ ip: Pii<'ip'> }> };`,
  'topology/rows/text.ts': `
declare const row: Row<{ method: string }>;
declare const emit: { odd: Emit<{ method: string }> };`,
};

const files = new Set([...MODULES.values()].flatMap((module) => [...exportsOf(module).values()]));

test('every example compiles', async () => {
  const programs = new Map(
    [...files].flatMap((file) =>
      examplesIn(file).map((example, i): [string, string] => [
        `${file.replaceAll(/[/.]/g, '-')}-${i}`,
        withContext(example, SPECIAL[file] ?? ''),
      ]),
    ),
  );
  expect(programs.size).toBeGreaterThan(30);
  expect(await mistakesIn(programs)).toEqual([]);
}, 60_000);

function withContext(example: string, special: string): string {
  const declared = declaredIn(`${special}\n${example}`);
  const taken = Object.keys(CONTEXT).filter(
    (name) => !declared.has(name) && new RegExp(`\\b${name}\\b`).test(example),
  );
  const text = [...taken.map((name) => CONTEXT[name]), special, example].join('\n');
  return `${importsFor(text)}\n${text}`;
}

/** Up to the next tag or the end of the comment. */
function examplesIn(file: string): string[] {
  const comments = readFileSync(join(root, file), 'utf8').matchAll(
    /^ *\* @example\n((?: *\*(?! @|\/).*\n)+)/gm,
  );
  return [...comments].map(([, lines]) => lines!.replaceAll(/^ *\* ?/gm, ''));
}
