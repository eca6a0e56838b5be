import { expect, test } from '@jest/globals';
import { MARK } from '../../../spouts/varnish/format.js';
import { varnish, VarnishLine, VarnishRequest } from '../../../spouts/varnish/index.js';
import { VarnishLines } from '../../../spouts/varnish/line.js';
import { VarnishRequests } from '../../../spouts/varnish/request.js';
import { LineBatch } from '../../../topology/dsl/line-batch.js';
import type { Batch, KeptMessage } from '../../../topology/dsl/spout.js';
import { emitter } from '../../../topology/rows/emitter.js';
import type { Emit } from '../../../topology/rows/row.js';
import { reveal } from '../../../topology/rows/reveal.js';
import type { Pii } from '../../../topology/rows/pii.js';
import type { Schema } from '../../../topology/rows/schema.js';

function linesOf(...texts: string[]): LineBatch {
  const batch = new LineBatch(4096);
  batch.begin('journal', 'a journal', 'journal of varnish');
  let end = 0;
  for (const [i, text] of texts.entries()) {
    const start = end;
    end += batch.bytes.latin1Write(text, start);
    batch.add(start, end, start, i + 1);
  }
  batch.end();
  return batch;
}

/** What message `i` becomes, with what is sealed open. */
function rowOf(batch: Batch<never>, i: number, emits: Schema, sealed: string): object {
  let row: object = {};
  const emit = emitter('in', emits, (live) => {
    const values = live as { [name: string]: unknown };
    row = Object.fromEntries(
      Object.keys(emits.fields).map((name) => [
        name,
        name === sealed ? reveal(values[name] as Pii) : values[name],
      ]),
    );
  });
  batch.emit(i, emit as unknown as Emit<never>);
  return row;
}

/** As the runtime sees it. */
const batchOf = (batch: object): Batch<never> => batch as Batch<never>;

const kept = (batch: Batch<never>, i: number): KeptMessage => ({
  partition: batch.partition,
  position: batch.positionAfter(i),
  raw: Buffer.from(batch.raw(i)),
  besides: JSON.parse(JSON.stringify(batch.besides!(i))),
});

test('lines that were kept come again as they were, cut or whole', () => {
  const lines = batchOf(new VarnishLines(linesOf('GET /a', `GET /b${String.fromCharCode(MARK)}`)));
  const { revive } = varnish({ mode: 'ncsa' });
  for (const [i, cut] of [false, true].entries()) {
    const first = rowOf(lines, i, VarnishLine, 'line');
    expect(first).toMatchObject({ cut, source: 'a journal' });
    expect(rowOf(revive!(kept(lines, i)), 0, VarnishLine, 'line')).toEqual(first);
  }
});

test('requests that were kept come again as they were', () => {
  const head = '{"vxid":7,"dt":1480000000000,"incomplete":false,"cut":["ReqURL"]';
  const requests = batchOf(new VarnishRequests(linesOf(`${head},"tags":[["ReqURL","/a"]]}`)));
  const first = rowOf(requests, 0, VarnishRequest, 'tags');
  expect(first).toMatchObject({ vxid: 7, tags: '[["ReqURL","/a"]]' });
  for (const spout of [varnish({ mode: 'log' }), varnish({ mode: 'file', path: 'a.log' })]) {
    const again = spout.revive!(kept(requests, 0));
    expect(rowOf(again, 0, VarnishRequest, 'tags')).toEqual(first);
  }
});
