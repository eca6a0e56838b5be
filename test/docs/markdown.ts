/** Reads the Markdown of the project. @module */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './typescript.js';

export interface Block {
  /** What stands behind the fence: `ts`, `sh`. */
  readonly language: string;
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** Every page, relative to the root. */
export function pages(): string[] {
  const here = readdirSync(root).filter((name) => name.endsWith('.md'));
  const below = ['docs', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
  );
  return [...here, ...below.filter((name) => name.endsWith('.md'))];
}

export const read = (page: string): string => readFileSync(join(root, page), 'utf8');

function blocksIn(page: string): Block[] {
  const text = read(page);
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language, 2: block, index }) => ({
    language: language!,
    text: block!,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** The one block of a language that contains `part`. */
export function blockWith(page: string, language: string, part: string): string {
  const found = blocksIn(page).filter(
    (block) => block.language === language && block.text.includes(part),
  );
  if (found.length === 1) return found[0]!.text;
  throw new Error(`${page} has ${found.length} blocks of ${language} with ${part}`);
}

/** A page as one TypeScript program: its blocks in order, each on the lines where it stands. */
export function programOf(page: string): string {
  const lines = read(page).replaceAll(/.+/g, '').split('\n');
  for (const { language, text, line } of blocksIn(page)) {
    if (language !== 'ts') continue;
    const code = text.trimEnd().split('\n');
    lines.splice(line - 1, code.length, ...code);
  }
  return lines.join('\n');
}
