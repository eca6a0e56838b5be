import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { int, nullable, pii, text, time } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';
import { conformance, sample } from '../../support/conformance.js';
import { parsed, type Opened } from './parsed.js';

/** The lines of a sample file as bytes; undefined when it is not there. */
function linesOf(name: string): Buffer[] | undefined {
  const path = sample(name);
  if (path === undefined) return undefined;
  return readFileSync(path, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(line, 'latin1'));
}

const formatOf = (name: string): string => readFileSync(sample(name)!, 'utf8').trim();

/** The fields that two formats have in common, to compare. */
const only = (row: Opened | string | undefined, ...names: string[]): unknown =>
  typeof row === 'object' ? names.map((name) => row[name]) : row;

const combined = linesOf('varnish/ncsa-combined.log');
const tabs = linesOf('varnish/ncsa-fields.tsv');
const objects = linesOf('varnish/ncsa-json.ndjson');
const apache = linesOf('access-logs/apache-combined-5000.log');
const udpFilter = conformance('wikimedia/udp_filter');
const webstats = conformance('wikimedia/webstats_filter');

(combined && tabs && objects ? describe : describe.skip)(
  'one Varnish, logged in three formats',
  () => {
    // jest runs the body of what it skips, too.
    if (!combined || !tabs || !objects) return;
    const rows = [
      parsed({ format: 'varnishncsa' }, combined!),
      parsed({ format: formatOf('varnish/ncsa-fields.fmt') }, tabs!),
      parsed({ format: formatOf('varnish/ncsa-json.fmt') }, objects!),
    ] as const;

    test('gives the same requests', () => {
      let same = 0;
      for (const [i, ncsa] of rows[0].entries()) {
        const shared = ['ip', 'http_method', 'http_status', 'response_size'];
        const fields = only(rows[1][i], ...shared);
        expect(only(ncsa, ...shared)).toEqual(fields);
        if (rows[2][i] === 'invalid UTF-8') continue;
        expect(only(rows[2][i], ...shared)).toEqual(fields);
        const cut = ['dt', 'uri_path', 'cache_status', 'x_forwarded_for'];
        expect(only(rows[2][i], ...cut)).toEqual(only(rows[1][i], ...cut));
        same++;
      }
      expect(same).toBe(237);
    });

    test('resolves escapes where they are in quotes or in JSON, to the same text', () => {
      const quoted = rows[0].flatMap((row, i) =>
        /\\["\\]/.test(combined![i]!.toString()) ? [[row, rows[2][i]]] : [],
      );
      expect(quoted.length).toBeGreaterThan(2);
      for (const [ncsa, json] of quoted)
        expect(only(ncsa, 'uri_query', 'user_agent')).toEqual(
          only(json, 'uri_query', 'user_agent'),
        );
    });
  },
);

(apache ? test : test.skip)(
  'reads 5000 lines of a real Apache as a regular expression does',
  () => {
    const pattern =
      /^(\S+) \S+ \S+ \[(..)\/(...)\/(.{4}):(.{8}) \+0000\] "(\S+) ([^ ?]*)(\?\S*)? [^"]*" (\d+) (\S+) "(.*?)" "(.*)"$/;
    const orNull = (value: string | undefined): string | null =>
      value === undefined || value === '' || value === '-' ? null : value;
    const rows = parsed({ format: 'apache-combined' }, apache!);
    for (const [i, line] of apache!.entries()) {
      const [, ip, day, month, year, clock, method, path, query, status, size, referer, agent] =
        pattern.exec(line.toString())!;
      expect(rows[i]).toMatchObject({
        ip,
        dt: Date.parse(`${day} ${month} ${year} ${clock} GMT`),
        http_method: method,
        uri_path: path,
        uri_query: orNull(query),
        http_status: Number(status),
        response_size: size === '-' ? null : Number(size),
        referer: orNull(referer),
        user_agent: orNull(agent),
      });
    }
  },
);

(udpFilter ? test : test.skip)('reads the lines that udp-filter is tested with', () => {
  const lines = udpFilter!['lines'] as string[];
  const rows = parsed({ format: 'udp2log' }, lines);
  for (const [i, line] of lines.entries()) {
    const [hostname, sequence, , , ip, , size] = line.split(' ');
    expect(rows[i]).toMatchObject({
      hostname,
      sequence: Number(sequence),
      ip,
      response_size: Number(size),
    });
  }
});

(webstats ? test : test.skip)(
  'cuts the lines of webstatscollector, whose numbers are words',
  () => {
    const Line = schema('line', {
      cache: text(),
      time: text(),
      ip: pii('ip'),
      status: text(),
      size: text(),
      uri_host: nullable(text()),
      uri_path: nullable(text()),
      n: nullable(int()),
      dt: nullable(time()),
    });
    const format = [
      '%{@cache}l',
      '%{@}n',
      '%{@time}t',
      '%{@}D',
      '%{@ip}h',
      '%{@status}s',
      '%{@size}b',
      '%{@}m',
      'http://%{Host}i%U%q',
      ...Array.from({ length: 7 }, () => '%{@}u'),
    ].join('\t');
    const cases = webstats!['cases'].filter(
      ({ input }: any) => typeof input.line === 'string' && input.line.split('\t').length === 16,
    );
    expect(cases.length).toBeGreaterThan(30);
    const rows = parsed(
      { format, emits: Line },
      cases.map(({ input }: any) => input.line),
    );
    for (const [i, row] of rows.entries()) {
      const [cache, , , , , , , , url] = cases[i].input.line.split('\t') as string[];
      const host = /^\w+:\/\/([^/?]*)/.exec(url!)![1];
      expect(row).toMatchObject({ cache, uri_host: host === '-' ? null : host });
    }
  },
);
