/** Topologies as users write them, in files of their own. @module */

/** Three messages, or as many as it is told, printed. */
export const HELLO = `
import { z } from 'zod';
import { generate, int, jsonLines, parse, schema, topology } from 'squall';

const Hit = schema('hit', { http_status: int() });
const params = z.object({ lines: z.int().positive().default(3) });

export default topology('hello', { params }, (t, { lines }) => {
  const from = t.spout('lines', generate({ lines }));
  const { requests } = t.bolt('parse', parse({ format: 'udp2log', emits: Hit }), { from: from.shuffle() });
  t.sink('print', jsonLines(), { from: requests.shuffle() });
});
`;

/** Its bolts fail in the way that a line's first word says, each time with an error that quotes the line. */
export const FAULTY = `
import { z } from 'zod';
import { bolt, declassify, file, jsonLines, RawLine, reject, schema, sink, text, topology } from 'squall';
import { reveal } from 'squall/reveal';

const Word = schema('word', { word: text({ maxLength: 8 }) });
const lineage = { words: { word: declassify('first-word', {}, 'line') } };
const common = { reads: RawLine, emits: { words: Word }, lineage };

const sync = bolt({
  ...common,
  process(row, emit) {
    const line = reveal(row.line);
    const word = line.split(' ')[0];
    if (word === 'throws') throw new Error('no good: ' + line);
    if (word === 'throws-text') throw line;
    if (word === 'parses') JSON.parse(line);
    if (word === 'refuses') reject('a word that is refused');
    if (word === 'misfits') return emit.words({ word: line.length as never });
    if (word === 'later') setTimeout(() => { throw new Error('no good: ' + line); }, 0);
    if (word === 'unheard') void Promise.reject(new Error('no good: ' + line));
    emit.words({ word });
  },
});

const async = bolt({
  ...common,
  keeps: true,
  async process(row, emit) {
    const line = reveal(row.line);
    const word = line.split(' ')[0];
    if (word === 'hangs') {
      console.log('hanging');
      await new Promise(() => setInterval(() => {}, 1000));
    }
    if (word === 'rejects') throw new TypeError('no good: ' + line);
    emit.words({ word });
  },
});

const broken = sink<{ word: string }>({
  kind: 'broken',
  open: () => ({ write: ({ word }) => { if (word === 'stored') throw new RangeError('no good: ' + word); } }),
});

export default topology('faulty', { params: z.object({ input: z.string() }) }, (t, { input }) => {
  const lines = t.spout('lines', file({ path: input }));
  const some = t.bolt('sync', sync, { from: lines.shuffle() });
  const others = t.bolt('async', async, { from: lines.shuffle() });
  t.sink('words', jsonLines({ dir: 'words' }), { from: some.words.shuffle() });
  t.sink('broken', broken, { from: others.words.shuffle() });
});
`;

/** Counts 50 lines by status; what stores the totals may be broken. */
export const COUNTS = `
import { z } from 'zod';
import { countBy, generate, int, jsonLines, parse, schema, sink, topology } from 'squall';

const Hit = schema('hit', { http_status: int() });
const params = z.object({ broken: z.boolean() });
const refuse = () => { throw new Error('not today'); };

export default topology('counts', { params }, (t, { broken }) => {
  const lines = t.spout('lines', generate({ lines: 50 }));
  const { requests } = t.bolt('parse', parse({ format: 'udp2log', emits: Hit }), { from: lines.shuffle() });
  const byStatus = countBy(Hit, 'http_status', { every: '1h' });
  const { totals } = t.bolt('count', byStatus, { from: requests.by('http_status') });
  const stored = broken ? sink({ kind: 'broken', open: () => ({ write: refuse }) }) : jsonLines();
  t.sink('stored', stored, { from: totals.shuffle() });
});
`;
