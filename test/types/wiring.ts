/**
 * What the compiler refuses where nodes are wired, and what it lets through. `says:` names what
 * the error must mention; `versions.test.ts` holds three compilers to it.
 *
 * @module
 */
import { merge, type Edge } from '../../topology/dsl/stream.js';
import { topology, type TopologyBuilder } from '../../topology/dsl/topology.js';
import { z } from 'zod';
import * as c from './components.js';
import * as f from './factories.js';

/** Never called; read by the compiler only. */
export function wired(t: TopologyBuilder): void {
  const lines = t.spout('lines', c.lines, { tasks: 2, worker: 0 });
  const { requests, malformed } = t.bolt('parse', c.parse, { from: lines.shuffle(), tasks: 4 });
  const { located } = t.bolt('geotag', c.geotag, { from: requests.shuffle() });
  const { safe } = t.bolt('anonymize', c.anonymize, { from: located.shuffle() });
  const { totals } = t.bolt('count', c.perCountry, { from: safe.by('country'), tasks: 2 });
  t.sink('counts', c.anything, { from: totals.shuffle() });
  t.discard(malformed, 'only noise');

  // Richer rows than a node asks for are welcome, and so are several inputs.
  t.bolt('again', c.geotag, { from: merge(requests.shuffle(), located.by('country')), tasks: 8 });
  t.sink('hosts', c.hosts, { from: safe.all() });
  t.sink('both', c.hosts, { from: merge<{ host: string }, string>(safe.shuffle(), safe.global()) });
  t.bolt('pairs', c.perCountryAndHost, { from: safe.by('country', 'host') });
  t.bolt('direct', c.geotag, { from: requests.direct('status') });
  t.bolt('custom', c.geotag, { from: requests.custom((row, tasks) => row.status % tasks) });
  t.bolt(
    'kept',
    f.filter(c.Request, (row) => !row.isBot),
    { from: requests.shuffle() },
  );
  const counted = t.bolt('by-host', f.countBy(c.Request, 'host'), {
    from: requests.by('host'),
  }).totals;
  t.sink('by-host-counts', c.anything, { from: counted.shuffle() });
  const looked = t.bolt('look-up', f.lookUp(c.Request), { from: requests.shuffle() }).located;
  const cleared = t.bolt('clear', f.byRule(c.Request, { ip: 'hash', userAgent: 'drop' }), {
    from: looked.shuffle(),
  }).safe;
  t.sink('cleared', c.anything, { from: cleared.shuffle() });

  // @ts-expect-error a raw address into a sink
  t.sink('leak', c.anything, { from: requests.shuffle() }); // says: 'ip'; Pii<"ip">; PublicValue
  // @ts-expect-error also beside a safe stream
  t.sink('leak', c.hosts, { from: merge(safe.shuffle(), malformed.shuffle()) }); // says: host
  const half = t.bolt('forgetful', c.forgetful, { from: requests.shuffle() }).safe;
  // @ts-expect-error a sealed field that anonymisation forgot
  t.sink('half-leak', c.anything, { from: half.shuffle() }); // says: 'userAgent'; Pii<"user_agent">
  const halfRuled = t.bolt('half', f.byRule(c.Request, { ip: 'hash' }), {
    from: requests.shuffle(),
  }).safe;
  // @ts-expect-error the same, of rules
  t.sink('half-leak', c.anything, { from: halfRuled.shuffle() }); // says: 'userAgent'; Pii<"user_agent">

  // @ts-expect-error grouping by a field that there is not
  t.bolt('typo', c.perCountry, { from: safe.by('contry') }); // says: "contry"; "country"
  // @ts-expect-error one of two
  t.bolt('typo', c.perCountryAndHost, { from: safe.by('country', 'hots') }); // says: "hots"; "host"
  // @ts-expect-error grouping by no field at all
  t.bolt('by-nothing', c.geotag, { from: requests.by() }); // says: Expected at least 1 argument
  // @ts-expect-error a text is no task's number
  t.bolt('direct', c.geotag, { from: requests.direct('host') }); // says: 'host'; 'string'; 'number'
  // @ts-expect-error and a field that there is not is none either
  t.bolt('direct', c.geotag, { from: requests.direct('task') }); // says: 'task'
  // @ts-expect-error the row has no such field
  requests.custom((row) => row.hots); // says: 'hots'
  // @ts-expect-error a task's number is a number
  requests.custom((row) => row.host); // says: 'string'; 'number'

  // @ts-expect-error state per country, fed at random
  t.bolt('scattered', c.perCountry, { from: safe.shuffle() }); // says: "shuffle"; "by country"
  // @ts-expect-error fed by another field
  t.bolt('scattered', c.perCountry, { from: safe.by('host') }); // says: "by host"; "by country"
  // @ts-expect-error fed by half of the key
  t.bolt('scattered', c.perCountryAndHost, { from: safe.by('country') }); // says: "by country"; "by country, host"
  // @ts-expect-error fed right by one of two inputs
  t.bolt('scattered', c.perCountry, { from: merge(safe.by('country'), safe.shuffle()) }); // says: "shuffle"; "by country"
  // @ts-expect-error of a factory
  t.bolt('scattered', f.countBy(c.Request, 'host'), { from: requests.shuffle() }); // says: "shuffle"; "by host"

  // @ts-expect-error a stream that the bolt does not emit
  void t.bolt('parse2', c.parse, { from: lines.shuffle() }).request; // says: 'request'; 'requests'
  // @ts-expect-error rows of another shape
  t.bolt('misfit', c.geotag, { from: malformed.shuffle() }); // says: ip; userAgent; host
  // @ts-expect-error rows with a field of another type
  t.bolt('misfit', c.geotag, { from: safe.shuffle() }); // says: 'ip'; Pii<"ip">
  // @ts-expect-error one of several inputs does not fit
  t.bolt('merge', c.geotag, { from: merge(requests.shuffle(), malformed.shuffle()) }); // says: ip; userAgent
  // @ts-expect-error a sink of its own rows
  t.sink('misfit', c.hosts, { from: totals.shuffle() }); // says: 'host'
  // @ts-expect-error a sealed value is no string
  requests.shuffle() satisfies Edge<{ readonly ip: string }, string>; // says: 'ip'; Pii<"ip">; 'string'

  // @ts-expect-error the number of tasks is a number
  t.bolt('many', c.geotag, { from: requests.shuffle(), tasks: 'four' }); // says: 'string'; 'number'
  // @ts-expect-error no input at all
  t.bolt('deaf', c.geotag, {}); // says: 'from'
  // @ts-expect-error how the rows are dealt out is missing
  t.bolt('undealt', c.geotag, { from: requests }); // says: Stream; Edge
  // @ts-expect-error a slip of the pen
  t.sink('slip', c.anything, { form: safe.shuffle() }); // says: 'form'
  // @ts-expect-error a bolt is no spout
  t.spout('no-spout', c.geotag); // says: Spout
  // @ts-expect-error a bolt is no sink
  t.sink('no-sink', c.geotag, { from: safe.shuffle() }); // says: Sink
  // @ts-expect-error a sink is no bolt
  t.bolt('no-bolt', c.anything, { from: safe.shuffle() }); // says: Sink<PublicRow>; Bolt
}

const params = z.object({ file: z.string(), tasks: z.number().default(2) });

export const withParameters = topology('job', { params }, (t, { file, tasks }) => {
  t.discard(t.spout(file.trim(), c.lines, { tasks }), 'only types matter here');
  // @ts-expect-error a number has no string methods
  tasks.trim(); // says: 'trim'; 'number'
});
// @ts-expect-error there is no parameter `fiel`
topology('job', { params }, (_t, { fiel }) => void fiel); // says: 'fiel'
