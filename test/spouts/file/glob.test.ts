import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { expand, isGlob } from '../../../spouts/file/glob.js';
import { inFolder } from './support.js';

const FILES = [
  'b.log',
  'a.log',
  'a.log.1',
  'a+b.log',
  '.hidden.log',
  'x/c.log',
  'x/y/d.log',
  'x/y/é.log',
  '.git/e.log',
  'log[1].txt',
];

const inTree = (
  use: (folder: string, find: (pattern: string) => string[]) => void,
): Promise<void> =>
  inFolder((folder) => {
    for (const file of FILES) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '');
    }
    use(folder, (pattern) => expand(join(folder, pattern)).map((path) => relative(folder, path)));
  });

test('patterns match as in a shell, sorted by name', () =>
  inTree((_, find) => {
    expect(find('*.log')).toEqual(['a+b.log', 'a.log', 'b.log']);
    expect(find('?.log')).toEqual(['a.log', 'b.log']);
    expect(find('[!a].log')).toEqual(['b.log']);
    expect(find('[a-b].log*')).toEqual(['a.log', 'a.log.1', 'b.log']);
    expect(find('.h*')).toEqual(['.hidden.log']);
    expect(find('a+*')).toEqual(['a+b.log']);
    expect(find('x/y/?.log')).toEqual(['x/y/d.log', 'x/y/é.log']);
    expect(find('*/c.log')).toEqual(['x/c.log']);
    expect(find('*/y/*')).toEqual(['x/y/d.log', 'x/y/é.log']);
    expect(find('nothing/*')).toEqual([]);
    expect(find('a.log/*')).toEqual([]);
  }));

test('** goes through folders at any depth, hidden and linked ones left out', () =>
  inTree((folder, find) => {
    symlinkSync(folder, join(folder, 'x/loop'));
    expect(find('**/?.log')).toEqual(['a.log', 'b.log', 'x/c.log', 'x/y/d.log', 'x/y/é.log']);
    expect(find('x/**')).toEqual(['x/c.log', 'x/y/d.log', 'x/y/é.log']);
    expect(find('**/y/**/d*')).toEqual(['x/y/d.log']);
  }));

test('a range that goes backwards is refused, and the pattern is named', () =>
  inTree((_, find) => {
    expect(() => find('x/[z-a].log')).toThrow(
      '[z-a].log: is no pattern. Give the lower end of a range first, e.g. [a-z].',
    );
  }));

test('a link to a file is a file, a folder and a broken link are not', () =>
  inTree((folder, find) => {
    symlinkSync(join(folder, 'a.log'), join(folder, 'z.log'));
    symlinkSync(join(folder, 'none'), join(folder, 'zz.log'));
    mkdirSync(join(folder, 'zzz.log'));
    expect(find('z*')).toEqual(['z.log']);
  }));

test('a file whose name looks like a pattern is no pattern', () =>
  inTree((folder) => {
    expect(isGlob(join(folder, 'log[1].txt'))).toBe(false);
    expect(isGlob(join(folder, 'log[2].txt'))).toBe(true);
    expect(isGlob(join(folder, 'plain.txt'))).toBe(false);
  }));
