import { mkdtempSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GroupJournal } from '../../../runtime/state/group-journal.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const sorted = (entries: Iterable<unknown>): string[] =>
  [...entries].map((entry) => JSON.stringify(entry)).sort();
const stored = async (): Promise<string[]> => sorted(await GroupJournal.read(folder));

const group = fc.nat(3);
const key = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ what: fc.constant('put' as const), group, key, value: fc.integer() }),
  fc.record({ what: fc.constant('delete' as const), group, key }),
  fc.record({ what: fc.constant('keep' as const), group }),
  fc.record({ what: fc.constant('take' as const), group, value: fc.integer() }),
  fc.record({ what: fc.constant('flush' as const) }),
  fc.record({ what: fc.constant('reopen' as const) }),
);

test('a journal by key group is what a map is, whatever is put, given up, taken and read again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      rmSync(folder, { recursive: true });
      let journal = await GroupJournal.open(folder);
      let model: (readonly [number, string, unknown])[] = [];
      const without = (group: number, key?: string): typeof model =>
        model.filter((entry) => entry[0] !== group || (key !== undefined && entry[1] !== key));
      for (const each of steps) {
        if (each.what === 'put') {
          journal.of(each.group).put(each.key, each.value);
          model = [...without(each.group, each.key), [each.group, each.key, each.value]];
        } else if (each.what === 'delete') {
          journal.of(each.group).delete(each.key);
          model = without(each.group, each.key);
        } else if (each.what === 'keep') {
          journal.keep((group) => group !== each.group);
          model = without(each.group);
        } else if (each.what === 'take') {
          journal.keep((group) => group !== each.group);
          journal.take([[each.group, 'taken', each.value]]);
          model = [...without(each.group), [each.group, 'taken', each.value]];
        } else if (each.what === 'flush') {
          await journal.flush();
          expect(await stored()).toEqual(sorted(model));
        } else {
          await journal.close();
          journal = await GroupJournal.open(folder);
        }
        expect(sorted(journal.entries())).toEqual(sorted(model));
      }
      await journal.close();
    }),
    { numRuns: 60 },
  );
});

test('one flush is stored as a whole or not at all', async () => {
  const journal = await GroupJournal.open(folder);
  journal.of(1).put('a', 1);
  await journal.flush();
  const before = await stored();
  journal.of(1).put('a', 2);
  journal.of(2).put('b', 3);
  await journal.close();
  const path = join(folder, 'state-by-key.journal');
  truncateSync(path, statSync(path).size - 1);
  expect(await stored()).toEqual(before);
});

test('a part whose keys have gone is refused, and the same part of who has them now is not', async () => {
  const journal = await GroupJournal.open(folder);
  const before = journal.of(1);
  before.put('a', 1);
  journal.keep((group) => group === 1);
  expect(() => before.put('a', 2)).toThrow(/gone to another task/);
  expect(() => before.delete('a')).toThrow(/gone to another task/);
  expect(journal.of(1).increment('a')).toBe(2);
  await journal.close();
  expect(await stored()).toEqual(['[1,"a",2]']);
});
