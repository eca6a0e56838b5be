import { expect, test } from '@jest/globals';
import { primaryLanguage } from '../../../bolts/anonymize/index.js';
import { applied } from './apply.js';

const primary = applied(primaryLanguage(), 'language');

test('primaryLanguage gives the first language without region, script and weight', () => {
  expect(
    [
      'en-GB,fr;q=0.8',
      'DE',
      ' nds-NL',
      'zh_TW',
      'sr-Latn',
      'fr;q=0.1,en',
      'en , de',
      'tlhalphb',
    ].map(primary),
  ).toEqual(['en', 'de', 'nds', 'zh', 'sr', 'fr', 'en', 'tlhalphb']);
});

test('primaryLanguage gives null where there is no language', () => {
  expect(
    [
      null,
      '',
      '-',
      '*',
      'e',
      'x-klingon',
      'abcdefghi',
      'en1',
      '192.0.2.1',
      'ann@example.org',
      'én',
    ].map(primary),
  ).toEqual(Array(11).fill(null));
});
