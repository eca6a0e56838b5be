import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { topology } from '../../../topology/dsl/topology.js';
import { describe } from '../../../topology/plan/describe.js';
import { list, nullable, pii, text } from '../../../topology/rows/field.js';
import { cheat, errorOf, spoutOf } from './support.js';

const lines = spoutOf({ line: nullable(text()), ips: pii('ip', list(text())) });
const params = z.object({ file: z.string().describe('The log'), tasks: z.number().default(2) });
const job = topology('job', { params, description: 'Reads a log.' }, (t, { tasks, file }) => {
  t.discard(t.spout('lines', { ...lines, parameters: { file } }, { tasks }), 'only an example');
});

test('says what a topology takes and what it is made of', () => {
  expect(describe(job, { file: 'a.log' })).toEqual({
    name: 'job',
    description: 'Reads a log.',
    parameters: [
      { name: 'file', type: 'string', required: true, description: 'The log' },
      { name: 'tasks', type: 'number', required: false, default: 2 },
    ],
    components: [
      {
        name: 'lines',
        role: 'spout',
        kind: 'lines',
        parameters: { file: 'a.log' },
        tasks: 2,
        inputs: [],
        streams: [
          {
            name: 'messages',
            schema: 'lines',
            discarded: 'only an example',
            fields: [
              { name: 'line', type: 'text or null', personal: [] },
              { name: 'ips', type: 'list of text', personal: ['ip'] },
            ],
          },
        ],
      },
    ],
  });
});

test('says what it takes even when a parameter without a default is missing', () => {
  const description = describe(job);
  expect(description.parameters).toHaveLength(2);
  expect(description).not.toHaveProperty('components');
});

test('a topology without parameters has no description and no list of them', () => {
  const plain = topology('plain', (t) =>
    cheat(t, 'out', t.spout('s', spoutOf({ host: text() })).shuffle()),
  );
  expect(describe(plain)).toMatchObject({
    name: 'plain',
    parameters: [],
    components: [{ name: 's' }, { name: 'out', streams: [] }],
  });
});

test('refuses parameters that do not fit', () => {
  expect(errorOf(() => describe(job, { file: 5 })).code).toBe('bad-parameters');
});
