/** The named formats through the whole of `canonicalize`: what a line of each becomes. */
import { expect, jest, test } from '@jest/globals';
import { fewAtATime, place, TEST_TIMEOUT_MS } from '../support/cli.js';
import { avroRecords } from '../support/outputs.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const DT = Date.UTC(2013, 0, 10, 5, 6, 7, 123);

/** What is stored of each line below, but for the id and what is told there. */
const RECORD = {
  dt: DT,
  hostname: 'cp1001.eqiad.wmnet',
  sequence: 12,
  ip: '10.1.2.0',
  country_code: '--',
  cache_status: 'hit',
  http_status: 200,
  response_size: 3655,
  time_firstbyte: 0.000145,
  http_method: 'GET',
  uri_host: 'en.wikipedia.org',
  uri_path: '/wiki/Caf%C3%A9',
  uri_query: '?action=raw',
  content_type: 'text/html',
  referer_domain: 'example.co.uk',
  accept_language: 'en',
  browser_family: 'Firefox',
  browser_major: '128',
  os_family: 'Linux',
  agent_type: 'user',
};

const URL = 'http://en.wikipedia.org/wiki/Caf%C3%A9?action=raw&token=x';
const REFERER = 'https://news.example.co.uk/a?b';

/** udp2log's columns, of which the last two came later. */
const columns = ({
  dt = '2013-01-10T05:06:07.123',
  type = 'text/html; charset=UTF-8',
  agent = FIREFOX,
} = {}) => [
  ...['cp1001.eqiad.wmnet', '12', dt, '0.000145', '10.1.2.7', 'hit/200', '3655', 'GET'],
  ...[URL, '-', type, REFERER, '203.0.113.9,192.0.2.1', agent, 'en-GB,en;q=0.8', 'https=1'],
];

/** Older caches wrote spaces between columns, and none in them. */
const SPACELESS = { type: 'text/html', agent: FIREFOX.replaceAll(' ', '%20') };
const CHARSET = { content_type: 'text/html; charset=UTF-8' };

const UDP2LOG = [
  [columns().join('\t'), CHARSET],
  [columns({ dt: '1357794367.123' }).join('\t'), CHARSET],
  [columns().slice(0, 14).join('\t'), { ...CHARSET, accept_language: null }],
  [columns(SPACELESS).join(' '), {}],
  [
    columns({ ...SPACELESS, dt: '1357794367.123' })
      .slice(0, 14)
      .join(' '),
    { accept_language: null },
  ],
] as const;

const KAFKA = {
  hostname: 'cp1001.eqiad.wmnet',
  sequence: 12,
  dt: '2013-01-10T05:06:07.123',
  time_firstbyte: 0.000145,
  ip: '10.1.2.7',
  cache_status: 'hit',
  http_status: '200',
  response_size: 3655,
  http_method: 'GET',
  uri_host: 'en.wikipedia.org',
  uri_path: '/wiki/Caf%C3%A9',
  uri_query: '?action=raw&token=x',
  content_type: 'text/html',
  referer: REFERER,
  x_forwarded_for: '203.0.113.9, 192.0.2.1',
  user_agent: FIREFOX,
  accept_language: 'en-GB,en;q=0.8',
  x_analytics: 'https=1',
};

const COMMON = `10.1.2.7 - - [10/Jan/2013:05:06:07 +0000] "GET ${URL} HTTP/1.1" 200 3655`;
const COMBINED = `${COMMON} "${REFERER}" "${FIREFOX}"`;

/** What these formats do not carry. */
const ABSENT = {
  dt: DT - 123,
  hostname: null,
  sequence: null,
  cache_status: null,
  time_firstbyte: null,
  content_type: null,
  accept_language: null,
};
const NO_HEADERS = {
  referer_domain: null,
  browser_family: null,
  browser_major: null,
  os_family: null,
};

const FORMATS: [format: string, lines: readonly (readonly [line: string, other: object])[]][] = [
  ['udp2log', UDP2LOG],
  ['varnishkafka-json', [[JSON.stringify(KAFKA), {}]]],
  ['apache-common', [[COMMON, { ...ABSENT, ...NO_HEADERS }]]],
  ['apache-combined', [[COMBINED, ABSENT]]],
  ['varnishncsa', [[COMBINED, ABSENT]]],
];

test('lines of every named format become records, with null for what the format does not carry', async () => {
  const here = place();
  const runs = await fewAtATime(FORMATS, ([format, lines]) =>
    here.json([
      ...[
        'run',
        'canonicalize',
        '--inline',
        '--state',
        `${format}.state`,
        '--set',
        `out=${format}`,
      ],
      ...['--set', `format=${format}`, '--set', 'query=action'],
      ...['--set', `input=${here.write(`${format}.log`, lines.map(([line]) => line).join('\n'))}`],
    ]),
  );
  for (const [i, [format, lines]] of FORMATS.entries()) {
    const { code, summary } = runs[i]!;
    expect({ format, code }).toEqual({ format, code: 0 });
    const stored = await avroRecords(summary.outputs);
    expect(stored).toEqual(
      lines.map(([, other]) => ({
        ...RECORD,
        ...other,
        id: expect.stringMatching(/-5[0-9a-f]{3}-/),
      })),
    );
  }
});

test('a line that names its host and number has the same id in whatever file and form it is read', async () => {
  const here = place();
  const ids = await fewAtATime(FORMATS.slice(0, 2), async ([format, lines]) => {
    const input = lines.map(([line]) => `${line}\n`).join('');
    const { summary } = await here.json(
      [
        'run',
        'canonicalize',
        '--inline',
        '--state',
        format,
        '--set',
        `out=${format}.out`,
        '--set',
        `format=${format}`,
        '--set',
        'input=-',
      ],
      { input },
    );
    return (await avroRecords(summary.outputs)).map(({ id }) => id);
  });
  expect(new Set(ids.flat()).size).toBe(1);
  expect(ids.flat()).toHaveLength(UDP2LOG.length + 1);
});
