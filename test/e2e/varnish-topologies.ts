/** Topologies that store what the Varnish spout reads; what is public in them is so because a test says it. */

/** The same for the spout and for `parse`. */
const FORMAT = String.raw`%s\t%m\t%{X-Seq@seq}i\t"%{User-Agent}i"\t"%{X-Note@note}i"\t%{@path}U\t%{@query}q`;

/** As `varnishncsa -j` writes it. */
export const JSON_FORMAT =
  '{"http_status":%s,"http_method":"%m","seq":%{X-Seq@seq}i,"user_agent":"%{User-Agent}i","note":"%{X-Note@note}i","path":"%{@path}U","query":"%{@query}q"}';

const SHOWN = `
const shown = (field) => declassify('shown', {}, field);
const open = (value) => (value === null ? null : reveal(value));
`;

/** Lines of varnishncsa, parsed. @param options of the spout, beside its format */
export const hits = (options: object, format = FORMAT): string => `
import { bolt, copy, declassify, int, jsonLines, nullable, parse, pii, schema, text, topology, varnish } from 'squall';
import { reveal } from 'squall/reveal';
${SHOWN}
const format = String.raw\`${format}\`;
const sealed = nullable(pii('free_text', text()));
const Hit = schema('hit', { http_status: int(), http_method: sealed, seq: pii('free_text', int()), user_agent: sealed, note: sealed, path: sealed, query: sealed });
const Open = schema('open', { status: int(), method: text(), seq: int(), agent: nullable(text()), note: nullable(text()), url: text() });
const opening = bolt({
  reads: Hit,
  emits: { hits: Open },
  lineage: { hits: { status: copy('http_status'), seq: shown('seq'), method: shown('http_method'), agent: shown('user_agent'), note: shown('note'), url: declassify('shown', {}, 'path', 'query') } },
  process: (row, emit) => emit.hits({
    status: row.http_status, method: open(row.http_method), seq: Number(open(row.seq)),
    agent: open(row.user_agent), note: open(row.note), url: open(row.path) + (open(row.query) ?? ''),
  }),
});
export default topology('tail', (t) => {
  const lines = t.spout('varnish', varnish({ mode: 'ncsa', format, ...${JSON.stringify(options)} }));
  const { requests } = t.bolt('parse', parse({ format, emits: Hit }), { from: lines.shuffle() });
  const { hits } = t.bolt('open', opening, { from: requests.shuffle() });
  t.sink('out', jsonLines({ dir: 'out' }), { from: hits.shuffle() });
});
`;

/** Lines of varnishncsa as they are, and whether they are cut. */
export const lines = (options: object): string => `
import { bolt, copy, declassify, flag, jsonLines, schema, text, topology, varnish, VarnishLine } from 'squall';
import { reveal } from 'squall/reveal';
${SHOWN}
const opening = bolt({
  reads: VarnishLine,
  emits: { lines: schema('open', { line: text(), cut: flag() }) },
  lineage: { lines: { line: shown('line'), cut: copy('cut') } },
  process: ({ line, cut }, emit) => emit.lines({ line: String(open(line)), cut }),
});
export default topology('tail', (t) => {
  const from = t.spout('varnish', varnish({ mode: 'ncsa', ...${JSON.stringify(options)} }));
  t.sink('out', jsonLines({ dir: 'out' }), { from: t.bolt('open', opening, { from: from.shuffle() }).lines.shuffle() });
});
`;

/** Requests of varnishlog, live or from a file. */
export const requests = (options: object): string => `
import { bolt, copy, declassify, flag, int, jsonLines, list, nullable, schema, text, time, topology, varnish, VarnishRequest } from 'squall';
import { reveal } from 'squall/reveal';
${SHOWN}
const opening = bolt({
  reads: VarnishRequest,
  emits: { requests: schema('open', { vxid: int(), dt: nullable(time()), incomplete: flag(), cut: list(text()), tags: text() }) },
  lineage: { requests: { vxid: copy('vxid'), dt: copy('dt'), incomplete: copy('incomplete'), cut: copy('cut'), tags: shown('tags') } },
  process: (row, emit) => emit.requests.from(row, { tags: open(row.tags) }),
});
export default topology('tail', (t) => {
  const from = t.spout('varnish', varnish(${JSON.stringify(options)}));
  t.sink('out', jsonLines({ dir: 'out' }), { from: t.bolt('open', opening, { from: from.shuffle() }).requests.shuffle() });
});
`;
