import { expect, test } from '@jest/globals';
import { copy, declassify } from '../../../topology/dsl/lineage.js';
import { merge, type Stream } from '../../../topology/dsl/stream.js';
import { graph } from '../../../topology/plan/graph.js';
import { fieldsReport } from '../../../topology/plan/lineage.js';
import { pii, text } from '../../../topology/rows/field.js';
import { boltOf, built, cheat, spoutOf } from './support.js';

const REQUESTS = { ip: pii('ip'), country: text() };

const { plan } = built((t) => {
  const requests = t.spout('requests', spoutOf(REQUESTS), { tasks: 2 });
  const anonymize = boltOf({
    reads: REQUESTS,
    emits: { safe: { ip: text(), country: text() }, odd: { why: text() } },
    lineage: {
      safe: { ip: declassify('ip.truncate', { v4: 24, v6: 48 }, 'ip'), country: copy('country') },
      odd: { why: declassify('none', {}) },
    },
  });
  const { safe, odd } = t.bolt('anonymize', anonymize, { from: requests.shuffle() });
  t.discard(odd!, 'never "seen"');
  cheat(
    t,
    'end',
    merge<object, string>(
      (safe as Stream<never>).by('country' as never, 'ip' as never),
      safe!.all(),
    ),
    { tasks: 4 },
  );
});

test('text has one line a node', () => {
  expect(graph(plan, 'text')).toBe(
    [
      'spout  requests   lines x2',
      'bolt   anonymize  bolt      <- requests (shuffle)',
      '  anonymize.odd discarded: never "seen"',
      'sink   end        any x4    <- anonymize.safe (by country, ip), anonymize.safe (all)',
      '',
    ].join('\n'),
  );
});

test('text with fields says of each what it is, what it may show and where it comes from', () => {
  expect(graph(plan, 'text', { fields: true })).toBe(
    [
      'spout  requests   lines x2',
      '  requests',
      '    ip: text [ip]',
      '    country: text',
      'bolt   anonymize  bolt      <- requests (shuffle)',
      '  anonymize.odd discarded: never "seen"',
      '    why: text <- none of nothing',
      '  anonymize.safe',
      '    ip: text <- ip.truncate {v4: 24, v6: 48} of ip',
      '    country: text <- country',
      'sink   end        any x4    <- anonymize.safe (by country, ip), anonymize.safe (all)',
      '',
    ].join('\n'),
  );
});

test('mermaid uses ids of its own and escapes what it would read as syntax', () => {
  expect(graph(plan, 'mermaid')).toBe(
    [
      'flowchart LR',
      '  n0(["requests<br/>lines x2"])',
      '  n1["anonymize<br/>bolt<br/>anonymize.odd discarded: never #34;seen#34;"]',
      '  n2[("end<br/>any x4")]',
      '  n0 -- "messages (shuffle)" --> n1',
      '  n1 -- "safe (by country, ip)" --> n2',
      '  n1 -- "safe (all)" --> n2',
      '',
    ].join('\n'),
  );
});

test('dot quotes every name', () => {
  expect(graph(plan, 'dot')).toBe(
    [
      'digraph "w" {',
      '  rankdir=LR;',
      '  "requests" [shape=cds, label="requests\\llines x2\\l"];',
      '  "anonymize" [shape=box, label="anonymize\\lbolt\\lanonymize.odd discarded: never \\"seen\\"\\l"];',
      '  "end" [shape=cylinder, label="end\\lany x4\\l"];',
      '  "requests" -> "anonymize" [label="messages (shuffle)"];',
      '  "anonymize" -> "end" [label="safe (by country, ip)"];',
      '  "anonymize" -> "end" [label="safe (all)"];',
      '}',
      '',
    ].join('\n'),
  );
});

test('kinds and reasons cannot break out of a label', () => {
  const nasty = 'a"]; x\\ <b>\n& `c` #1';
  const { plan: odd } = built((t) => {
    t.discard(t.spout('s', { ...spoutOf({ host: text() }), kind: nasty }), nasty);
  });
  expect(graph(odd, 'mermaid').split('\n')[1]).toBe(
    '  n0(["s<br/>a#34;]; x#92; #60;b#62; #38; #96;c#96; #35;1<br/>s discarded: a#34;]; x#92; #60;b#62; #38; #96;c#96; #35;1"])',
  );
  expect(graph(odd, 'dot').split('\n')[2]).toBe(
    '  "s" [shape=cds, label="s\\la\\"]; x\\\\ <b> & `c` #1\\ls discarded: a\\"]; x\\\\ <b> & `c` #1\\l"];',
  );
  expect(graph(odd, 'text').split('\n')).toHaveLength(3);
});

test('the fields stand in the labels of drawings, too', () => {
  expect(graph(plan, 'mermaid', { fields: true })).toContain('<br/>#32;#32;ip: text [ip]');
  expect(graph(plan, 'dot', { fields: true })).toContain(
    '\\l  ip: text <- ip.truncate {v4: 24, v6: 48} of ip\\l',
  );
});

test('json is the plan, and with fields what is known of each', () => {
  expect(JSON.parse(graph(plan, 'json'))).toEqual(plan);
  expect(JSON.parse(graph(plan, 'json', { fields: true }))).toEqual({
    ...plan,
    fields: fieldsReport(plan),
  });
});
