/** Log lines of 16 tab-separated fields, about 485 bytes, ASCII, seeded. @module */
import { closeSync, openSync, writeSync } from 'node:fs';
import { randomFrom } from '../random.js';

const HOSTS = Array.from({ length: 16 }, (_, i) => `cp10${10 + i}.eqiad.wmnet`);
const WORDS = [
  'Main_Page',
  'Albert_Einstein',
  'Special:Search',
  'History_of_France',
  'Category:Physics',
  'File:Earth.jpg',
  'Quantum_mechanics',
  'Berlin',
  'Tokyo',
];
const TYPES = [
  'text/html; charset=UTF-8',
  'image/png',
  'image/jpeg',
  'text/css; charset=utf-8',
  'application/x-javascript',
];
const STATUS = ['hit/200', 'miss/200', 'hit/304', 'miss/304', 'hit/404'];
const LANGUAGES = ['en-US,en;q=0.8', 'de-DE,de;q=0.8,en-US;q=0.6,en;q=0.4', 'ja', '-'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.22 (KHTML, like Gecko) Chrome/25.0.1364.172 Safari/537.22',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_8_2) AppleWebKit/536.26.17 (KHTML, like Gecko) Version/6.0.2 Safari/536.26.17',
  'Mozilla/5.0 (Windows NT 6.1; rv:19.0) Gecko/20100101 Firefox/19.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
];

/** Writes `count` lines to `path`. */
export function writeInput(path: string, count: number): void {
  const random = randomFrom(7);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const below = (n: number): number => Math.floor(random() * n);
  // Few clients make most requests: log-uniform is near to Zipf's law.
  const clients = Array.from({ length: 400_000 }, (_, i) =>
    i % 12 === 0 ? addressV6(below) : addressV4(below),
  );
  const client = (): string => clients[Math.floor(clients.length ** random()) - 1]!;
  const fd = openSync(path, 'w');
  let time = Date.UTC(2013, 2, 1);
  for (let lines: string[] = [], i = 1; i <= count; i++) {
    time += random() < 0.05 ? 1 : 0;
    const word = pick(WORDS);
    const fields = [
      pick(HOSTS),
      i,
      new Date(time).toISOString().slice(0, 23),
      below(1e6) / 1e9,
      client(),
      pick(STATUS),
      below(60_000),
      random() < 0.97 ? 'GET' : 'POST',
      `http://en.wikipedia.org/w/index.php?title=${word}_${below(1e6)}&action=render&ctype=text/javascript&smaxage=${below(1e5)}&maxage=2592000&debug=false`,
      'NONE/wikimedia',
      pick(TYPES),
      `http://en.wikipedia.org/wiki/${pick(WORDS)}?search=${below(1e9)}&go=Go&fulltext=1`,
      random() < 0.9 ? '-' : client(),
      pick(AGENTS)
        .replace(/\d+\.\d+/, `${5 + (i % 20)}.${i % 977}`)
        .replaceAll(' ', '%20'),
      pick(LANGUAGES),
      '-',
    ];
    lines.push(fields.join('\t'));
    if (lines.length < 2000 && i < count) continue;
    writeSync(fd, `${lines.join('\n')}\n`);
    lines = [];
  }
  closeSync(fd);
}

const addressV4 = (below: (n: number) => number): string =>
  `${1 + below(222)}.${below(256)}.${below(256)}.${below(256)}`;
const addressV6 = (below: (n: number) => number): string =>
  `2a02:${below(65_536).toString(16)}:${below(65_536).toString(16)}::${(1 + below(65_535)).toString(16)}`;
