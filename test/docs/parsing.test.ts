/** What the guide says of formats. */
import { expect, test } from '@jest/globals';
import { defaultField } from '../../bolts/parse/directives.js';
import { namedFormat } from '../../bolts/parse/named.js';
import { parseFormat } from '../../bolts/parse/format.js';
import { fieldsOf, piecesOf } from '../../bolts/parse/pieces.js';
import { read } from './markdown.js';

const page = read('docs/guide/parsing.md');

test('the guide lists every directive with the field that it fills, and no other', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const rows = [...page.matchAll(/^\| ((?:`%\w` ?)+) \| `(\w+)` \|$/gm)];
  const listed = rows.flatMap(([, directives, field]) =>
    [...directives!.matchAll(/%(\w)/g)].map(([, letter]) => [letter!, field]),
  );
  const known = letters.flatMap((letter) => {
    const field = defaultField(letter, '');
    return field === undefined || letter === 'r' ? [] : [[letter, field]];
  });
  expect(new Map(listed as [string, string][])).toEqual(new Map(known as [string, string][]));
  for (const letter of letters)
    if (defaultField(letter, 'name') === 'name') expect(page).toContain(`\`%{name}${letter}\``);
});

test('the guide lists the columns of udp2log with their fields', () => {
  const { pieces } = piecesOf(parseFormat(namedFormat('udp2log').text));
  const columns: string[][] = [];
  for (const { before, reading } of pieces) {
    if (before !== '/') columns.push([]);
    columns.at(-1)!.push(...fieldsOf(reading).filter((field) => field !== ''));
  }
  const rows = [...page.matchAll(/^\| \d+ \| (.*) \|$/gm)];
  const listed = rows.map(([, text]) => [...text!.split('; ')[0]!.matchAll(/`(\w+)`/g)]);
  expect(listed.map((fields) => fields.map(([, field]) => field))).toEqual(columns);
});
