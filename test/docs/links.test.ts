/** What the Markdown of the project points to is there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pages, read } from './markdown.js';
import { root } from './typescript.js';

describe.each(pages())('%s', (page) => {
  test('links to files that are there', () => {
    const links = [...read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link!);
    const ours = links.filter((link) => !/^https?:/.test(link));
    expect(ours.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });

  test('names files that are there', () => {
    const files = [...read(page).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|cjs))`/g)];
    expect(files.map(([, file]) => file!).filter((file) => !existsSync(join(root, file)))).toEqual(
      [],
    );
  });

  test('names scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const named = [...read(page).matchAll(/\bnpm (?:run (\w+)|(start|test))\b/g)];
    expect(
      named.map(([, run, short]) => run ?? short!).filter((name) => !(name in scripts)),
    ).toEqual([]);
  });
});

test('CONTRIBUTING.md lists every decision under its title', () => {
  const decisions = pages().filter((page) => page.startsWith('docs/decisions/'));
  const title = (page: string): string => /^# (.+)$/m.exec(read(page))![1]!;
  const listed = read('CONTRIBUTING.md').match(/^- \[.*\]\(docs\/decisions\/.*\)$/gm);
  expect(listed).toEqual(decisions.sort().map((page) => `- [${title(page)}](${page})`));
});
