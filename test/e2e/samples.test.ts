/** Real access logs through `canonicalize`, each record held against a second reading of its line. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { fewAtATime, place, TEST_TIMEOUT_MS } from '../support/cli.js';
import { sample } from '../support/conformance.js';
import { avroRecords, countsIn, type Stored } from '../support/outputs.js';
import {
  combined,
  countries,
  recordOf,
  varnishFields,
  varnishJson,
  type Countries,
  type Reading,
} from './reading.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const UUID5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let found: Countries;
beforeAll(async () => {
  found = await countries();
});

const accessLog = sample('access-logs/apache-combined-5000.log');

(accessLog === undefined ? test.skip : test)(
  'each of 5,000 lines of an access log becomes the record that a second reading of it gives, with the same id every time',
  async () => {
    const here = place();
    const lines = readFileSync(accessLog!, 'utf8').trimEnd().split('\n');
    const args = [
      'run',
      'canonicalize',
      '--set',
      `input=${accessLog}`,
      '--set',
      'format=apache-combined',
    ];
    const first = await here.json([...args, '--workers', '2']);
    const again = await here.json([
      ...args,
      '--inline',
      '--set',
      'query=q,utm_source',
      '--set',
      'out=again',
    ]);

    expect({
      code: first.code,
      emitted: first.summary.emitted,
      acked: first.summary.acked,
    }).toEqual({ code: 0, emitted: 5000, acked: 5000 });
    const stored = await avroRecords(first.summary.outputs);
    expect(stored).toHaveLength(5000);
    expect(withoutIds(stored)).toEqual(
      sorted(lines.map((line) => recordOf(combined(line), found))),
    );
    const storedAgain = await avroRecords(again.summary.outputs);
    expect(withoutIds(storedAgain)).toEqual(
      sorted(lines.map((line) => recordOf(combined(line), found, ['q', 'utm_source']))),
    );
    const ids = stored.map(({ id }) => id).sort();
    expect(new Set(ids).size).toBe(5000);
    expect(ids.filter((id) => !UUID5.test(String(id)))).toEqual([]);
    expect(storedAgain.map(({ id }) => id).sort()).toEqual(ids);
    expect(countsIn(first.summary.outputs)).toEqual(countedFrom(stored));
    expect(countsIn(again.summary.outputs)).toEqual(countedFrom(stored));
  },
);

const varnish = [
  'ncsa-combined.log',
  'ncsa-fields.tsv',
  'ncsa-fields.fmt',
  'ncsa-json.ndjson',
  'ncsa-json.fmt',
].map((name) => sample(`varnish/${name}`));

(varnish.includes(undefined) ? test.skip : test)(
  'what Varnish logged becomes the records that a second reading gives: combined, by a format string, as JSON',
  async () => {
    const here = place();
    const [log, fields, fieldsFormat, json, jsonFormat] = varnish as string[];
    const format = (path: string) => readFileSync(path, 'utf8').trimEnd();
    const forms = [
      ['varnishncsa', log!, combined],
      [format(fieldsFormat!), fields!, varnishFields],
      [format(jsonFormat!), json!, varnishJson],
    ] as const;
    const kept = ['e', 'q', 'u', 'p', 'utm_source'];
    const runs = await fewAtATime(forms, ([text, input]) =>
      here.json([
        ...[
          'run',
          'canonicalize',
          '--inline',
          '--state',
          basename(input),
          '--set',
          `out=${basename(input)}.out`,
        ],
        ...['--set', `input=${input}`, '--set', `format=${text}`, '--set', `query=${kept}`],
      ]),
    );
    for (const [i, [, input, read]] of forms.entries()) {
      const { code, summary } = runs[i]!;
      const lines = readFileSync(input).toString('latin1').trimEnd().split('\n');
      // A strict decoder fails on one line of the JSON, as the sample's README says.
      const utf8 = lines.map((line) => Buffer.from(line, 'latin1')).filter(isUtf8);
      expect(lines.length - utf8.length).toBe(input === json ? 1 : 0);
      const bad = lines.length - utf8.length;
      expect({ code, emitted: summary.emitted, deadLetters: summary.deadLetters }).toEqual({
        code: bad > 0 ? 3 : 0,
        emitted: 238,
        deadLetters: bad,
      });
      expect(withoutIds(await avroRecords(summary.outputs))).toEqual(
        sorted(utf8.map((line) => recordOf(read(line.toString()), found, kept))),
      );
    }
  },
);

/** Requests per country and minute. */
function countedFrom(stored: readonly Stored[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { country_code, dt } of stored) {
    const minute = new Date(Math.floor(Number(dt) / 60_000) * 60_000).toISOString();
    const key = `${country_code} ${minute}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const withoutIds = (stored: readonly Stored[]): Reading[] =>
  sorted(stored.map(({ id: _, ...rest }) => rest));

/** In any order that is the same for the same records. */
const sorted = (records: readonly Reading[]): Reading[] =>
  records
    .map((record) => [JSON.stringify(record), record] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, record]) => record);
