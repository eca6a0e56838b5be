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
